// A zip archive with one stored (uncompressed) file, for functions that tests create.
import * as zlib from "node:zlib";

function crc(data) {
  if (zlib.crc32) return zlib.crc32(data);
  let sum = ~0;
  for (const byte of data) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (0xedb88320 & -(sum & 1));
  }
  return ~sum >>> 0;
}

export function zip(name, text) {
  const data = Buffer.from(text);
  const file = Buffer.from(name);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0); // version needed; flags, method (stored), time and date stay 0
  common.writeUInt32LE(crc(data), 10);
  common.writeUInt32LE(data.length, 14);
  common.writeUInt32LE(data.length, 18);
  common.writeUInt16LE(file.length, 22);
  const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), common, file, data]);
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(0o644 << 16, 6); // external attributes
  const central = Buffer.concat([Buffer.from("PK\x01\x02\x14\x03", "latin1"), common, rest, file]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from("PK\x05\x06", "latin1"), end]);
}
