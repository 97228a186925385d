// The item decoder: what it takes must come back the same from its own stored text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/aws_error.h"
#include "dynamodb/item_codec.h"
#include "dynamodb/request.h"

using namespace skafu::dynamodb;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const Item item = parse_item(text);
        const std::string stored = item_text(item);
        if (!(decode_item(stored) == item) || item_text(decode_item(stored)) != stored) {
            std::abort();
        }
        item_size(item);
    } catch (const skafu::AwsError&) {
    }
    try {
        parse_item_request(text, kAnyApi);
    } catch (const skafu::AwsError&) {
    }
    return 0;
}
