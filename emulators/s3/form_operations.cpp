#include "core/account.h"
#include "core/aws_error.h"
#include "core/cloud.h"
#include "core/http.h"
#include "s3/errors.h"
#include "s3/form.h"
#include "s3/operations.h"

namespace skafu::s3 {
namespace {

constexpr std::string_view kFileNamePlace = "${filename}";

/// The form's own credential says whose bucket it is: the request is not signed otherwise.
Caller caller_of(const Context& context, const Json& fields) {
    Caller caller = context.caller;
    const std::string credential = string_member(fields, "x-amz-credential");
    const std::string key = credential.substr(0, credential.find('/'));
    if (is_account_id(key)) caller.account = key;
    return caller;
}

Json put_input(const Json& input, UploadForm& form) {
    std::string key = string_member(form.fields, "key");
    if (key.empty() || !form.has_file) {
        throw invalid_argument("Bucket POST must contain a field named 'key' and a file.", "key",
                               key);
    }
    if (const std::size_t at = key.find(kFileNamePlace); at != std::string::npos) {
        key.replace(at, kFileNamePlace.size(), form.file_name);
    }
    Json put = {{"Bucket", string_member(input, "Bucket")}, {"Key", std::move(key)}};
    for (const auto& [member, header] : object_headers()) {
        for (const auto& [name, value] : form.fields.items()) {
            if (iequals(name, header)) put[member] = value;
        }
    }
    constexpr std::string_view kMetadata = "x-amz-meta-";
    for (const auto& [name, value] : form.fields.items()) {
        if (name.starts_with(kMetadata)) put["Metadata"][name.substr(kMetadata.size())] = value;
    }
    put["Body"] = std::move(form.file);
    return put;
}

Json post_object(Store& store, Context& context, const Json& input) {
    UploadForm form = parse_form(string_member(input, "FormType"), string_member(input, "Body"));
    const Json fields = form.fields;
    Json put = put_input(input, form);
    const std::string bucket = string_member(put, "Bucket");
    const std::string key = string_member(put, "Key");
    const Json stored = context.cloud
                            .call_now({"s3",
                                       "PutObject",
                                       Document(std::move(put)),
                                       caller_of(context, fields),
                                       context.activity.id(),
                                       {}})
                            .take_value();
    const std::string location = fmt::format("{}/{}/{}", store.cloud().settings().endpoint(),
                                             bucket, percent_encode(key, Slash::keep));
    Json out = {{"ETag", stored.at("ETag")}, {"Location", location}};
    const std::string redirect = string_member(fields, "success_action_redirect");
    const std::string status = string_member(fields, "success_action_status");
    if (!redirect.empty()) {
        out["__status"] = 303;
        out["Location"] =
            fmt::format("{}{}bucket={}&key={}&etag={}", redirect,
                        redirect.find('?') == std::string::npos ? "?" : "&", bucket,
                        percent_encode(key), percent_encode(string_member(stored, "ETag")));
    } else if (status == "201") {
        out["__status"] = 201;
        out["Document"] = fmt::format(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse><Location>{}</Location>"
            "<Bucket>{}</Bucket><ETag>{}</ETag></PostResponse>",
            location, bucket, string_member(stored, "ETag"));
    } else {
        out["__status"] = status == "200" ? 200 : 204;
    }
    return out;
}

}  // namespace

void add_form_operations(Service& service, Store& store) {
    Operation post = on_bucket("PostObject", "POST");
    post.http.payload = "Body";
    post.http.headers = {{"FormType", "Content-Type"}};
    post.http.response_headers = {{"ETag", "ETag"}, {"Location", "Location"}};
    post.http.response_payload = "Document";
    add_row(service, store, std::move(post), post_object);
}

}  // namespace skafu::s3
