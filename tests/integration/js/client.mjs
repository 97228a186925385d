// A running skafu-local for the tests of the AWS SDK for JavaScript v3, and the options that its
// clients take. SKAFU_BINARY names the program under test; without it the newest build is taken.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");

function findBinary() {
  if (process.env.SKAFU_BINARY) return process.env.SKAFU_BINARY;
  const builds = ["ci", "release", "debug", "asan"]
    .map((preset) => path.join(root, "build", preset, "server", "skafu-local"))
    .filter((file) => statSync(file, { throwIfNoEntry: false }))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  if (builds.length === 0) throw new Error("no skafu-local was built: run tests/run");
  return builds[0];
}

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

/** Starts a server and waits for its Ready line: { endpoint, options, stop }. */
export async function startServer(...args) {
  const port = await freePort();
  const child = spawn(findBinary(), ["start", "--port", String(port), "--no-watch", "--ready-fd", "3", ...args], {
    stdio: ["ignore", "ignore", "inherit", "pipe"],
  });
  const [line] = await Promise.race([once(child.stdio[3], "data"), once(child, "exit").then(() => [""])]);
  if (!String(line).startsWith("Ready.")) throw new Error("the server did not become ready");
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    endpoint,
    options: {
      endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "000000000000", secretAccessKey: "test" },
      maxAttempts: 1,
    },
    async stop() {
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

/** Asks `condition` again and again until it gives something. */
export async function waitUntil(condition, timeout = 10000) {
  const deadline = Date.now() + timeout;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error("the condition did not hold in time");
    await new Promise((resolve) => setImmediate(resolve));
  }
}
