#include "s3/errors.h"

namespace skafu::s3 {

AwsError no_such_bucket(std::string_view bucket) {
    return {"NoSuchBucket", "The specified bucket does not exist", 404, {{"BucketName", bucket}}};
}

AwsError no_such_key(std::string_view key) {
    return {"NoSuchKey", "The specified key does not exist.", 404, {{"Key", key}}};
}

AwsError key_too_long(std::size_t size) {
    return {"KeyTooLongError",
            "Your key is too long",
            400,
            {{"Size", size}, {"MaxSizeAllowed", kMostKeyBytes}}};
}

AwsError no_such_version(std::string_view key, std::string_view version) {
    return {"NoSuchVersion",
            "The specified version does not exist.",
            404,
            {{"Key", key}, {"VersionId", version}}};
}

AwsError no_such_upload(std::string_view upload) {
    return {"NoSuchUpload",
            "The specified upload does not exist. The upload ID may be invalid, or the upload may "
            "have been aborted or completed.",
            404,
            {{"UploadId", upload}}};
}

AwsError invalid_argument(std::string message, std::string_view name, std::string_view value) {
    return {"InvalidArgument",
            std::move(message),
            400,
            {{"ArgumentName", name}, {"ArgumentValue", value}}};
}

AwsError precondition_failed(std::string_view condition) {
    return {"PreconditionFailed",
            "At least one of the pre-conditions you specified did not hold",
            412,
            {{"Condition", condition}}};
}

AwsError malformed_xml() {
    return {"MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published "
            "schema"};
}

}  // namespace skafu::s3
