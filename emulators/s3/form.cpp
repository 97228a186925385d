#include "s3/form.h"

#include "core/aws_error.h"
#include "core/http.h"
#include "core/text.h"

namespace skafu::s3 {
namespace {

constexpr std::size_t kMostFields = 100;

AwsError malformed() {
    return {"MalformedPOSTRequest",
            "The body of your POST request is not well-formed multipart/form-data."};
}

/// The value of a header's parameter: name="file" or boundary=xyz.
std::string parameter(std::string_view header, std::string_view name) {
    std::size_t at = header.find(';');
    while (at != std::string_view::npos) {
        std::string_view rest = header.substr(at + 1);
        while (rest.starts_with(' ')) rest.remove_prefix(1);
        const std::size_t equals = rest.find('=');
        if (equals == std::string_view::npos) return {};
        const bool wanted = iequals(rest.substr(0, equals), name);
        std::string_view value = rest.substr(equals + 1);
        const bool quoted = value.starts_with('"');
        if (quoted) value.remove_prefix(1);
        const std::size_t end = std::min(value.find(quoted ? '"' : ';'), value.size());
        if (wanted) return std::string(value.substr(0, end));
        at = header.find(';', static_cast<std::size_t>(value.data() - header.data()) + end);
    }
    return {};
}

/// The Content-Disposition among the header lines of a part.
std::string_view disposition_of(std::string_view head) {
    constexpr std::string_view kName = "content-disposition:";
    while (!head.empty()) {
        const std::size_t end = std::min(head.find("\r\n"), head.size());
        const std::string_view line = head.substr(0, end);
        if (line.size() > kName.size() && iequals(line.substr(0, kName.size()), kName)) {
            return line.substr(kName.size());
        }
        head.remove_prefix(std::min(end + 2, head.size()));
    }
    return {};
}

}  // namespace

UploadForm parse_form(std::string_view content_type, std::string_view body) {
    const std::string boundary = parameter(content_type, "boundary");
    if (!content_type.starts_with("multipart/form-data") || boundary.empty()) throw malformed();
    const std::string opening = "--" + boundary;
    const std::string separator = "\r\n" + opening;
    if (!body.starts_with(opening)) throw malformed();
    body.remove_prefix(opening.size());
    UploadForm form;
    while (!body.starts_with("--")) {
        const std::size_t head_end = body.find("\r\n\r\n");
        const std::size_t end = body.find(separator, head_end);
        if (head_end == std::string_view::npos || end == std::string_view::npos ||
            form.fields.size() > kMostFields) {
            throw malformed();
        }
        const std::string_view disposition = disposition_of(body.substr(0, head_end));
        const std::string name = lower_case(parameter(disposition, "name"));
        const std::string_view content = body.substr(head_end + 4, end - head_end - 4);
        body.remove_prefix(end + separator.size());
        if (name == "file") {
            form.file_name = parameter(disposition, "filename");
            form.file = content;
            form.has_file = true;
            break;  // S3 ignores what comes after the file
        }
        form.fields[name] = std::string(content);
    }
    return form;
}

}  // namespace skafu::s3
