#include "lambda/code_store.h"

#include <cstdlib>
#include <fstream>
#include <sys/stat.h>

#include "core/aws_error.h"
#include "core/base64.h"
#include "core/digest.h"
#include "lambda/files.h"
#include "lambda/zip.h"

namespace skafu::lambda {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxUnzipped = 262'144'000;  // Lambda quotas: deployment package, unzipped
/// Enough to notice a change of anything that is edited by hand.
constexpr int kMaxFilesInDigest = 2000;

/// A digest of names, sizes and times of change, and the sum of the sizes.
std::pair<std::string, std::int64_t> fingerprint(const fs::path& folder) {
    std::vector<std::string> lines;
    std::int64_t total = 0;
    std::error_code error;
    fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied,
                                        error);
    int files = 0;
    for (const fs::recursive_directory_iterator end; !error && at != end; at.increment(error)) {
        const std::string name = at->path().filename().string();
        if (name == "__pycache__" || name == ".git") {
            at.disable_recursion_pending();
            continue;
        }
        struct stat info {};
        if (::stat(at->path().c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
        if (++files > kMaxFilesInDigest) break;
        total += info.st_size;
        lines.push_back(fmt::format("{} {} {}.{}", at->path().string(), info.st_size,
                                    info.st_mtim.tv_sec, info.st_mtim.tv_nsec));
    }
    std::sort(lines.begin(), lines.end());
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return {digest::sha256(text), total};
}

bool holds_python(const fs::path& folder) {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        if (entry.path().extension() == ".py") return true;
        if (fs::exists(entry.path() / "__init__.py", error)) return true;
    }
    return false;
}

}  // namespace

Json StoredCode::to_json() const {
    Json json = {{"Root", root}, {"Sha256", sha256}, {"Size", size}};
    if (!archive.empty()) json["Archive"] = archive;
    return json;
}

CodeStore::CodeStore(Cloud& cloud) : cloud_(cloud) {}

const fs::path& CodeStore::root() {
    if (!root_.empty()) return root_;
    const fs::path& data = cloud_.settings().data_dir;
    if (!data.empty()) {
        root_ = fs::absolute(data) / "lambda";
        fs::create_directories(root_);
        return root_;
    }
    std::string pattern = (fs::temp_directory_path() / "skafu-lambda-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("cannot make a folder in " + fs::temp_directory_path().string());
    }
    root_ = pattern;
    cloud_.on_shutdown([folder = root_] {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
    });
    return root_;
}

fs::path CodeStore::runtime_folder() {
    return root() / "runtime";
}

Task<StoredCode> CodeStore::store_zip(std::string bytes) {
    const fs::path base = root();
    std::function<StoredCode()> work = [base, bytes = std::move(bytes)] {
        const std::string digest = digest::sha256(bytes);
        StoredCode code;
        code.sha256 = base64_encode(digest);
        code.size = static_cast<std::int64_t>(bytes.size());
        const fs::path folder = base / "code" / digest::hex(digest);
        code.root = folder.string();
        code.archive = folder.string() + ".zip";
        if (fs::exists(code.archive)) return code;
        fs::create_directories(folder);
        unzip(bytes, folder, kMaxUnzipped);
        write_file(code.archive, bytes);
        return code;
    };
    try {
        StoredCode code = co_await cloud_.in_background<StoredCode>(std::move(work));
        co_return code;
    } catch (const ZipError& error) {
        if (std::string_view(error.what()).starts_with("too large")) {
            throw AwsError(
                "InvalidParameterValueException",
                fmt::format("Unzipped size must be smaller than {} bytes", kMaxUnzipped));
        }
        throw AwsError("InvalidParameterValueException",
                       "Could not unzip uploaded file. Please check your file, then try to upload "
                       "again.");
    }
}

StoredCode CodeStore::store_source(const std::string& file_name, std::string_view text) {
    const std::string digest = digest::sha256(fmt::format("{}\n{}", file_name, text));
    const fs::path folder = root() / "code" / digest::hex(digest);
    fs::create_directories(folder);
    write_file(folder / file_name, text);
    StoredCode code;
    code.root = folder.string();
    code.sha256 = base64_encode(digest);
    code.size = static_cast<std::int64_t>(text.size());
    return code;
}

StoredCode CodeStore::use_folder(const std::string& folder) {
    std::error_code error;
    const fs::path path = fs::canonical(folder, error);
    if (error || !fs::is_directory(path)) {
        throw AwsError("InvalidParameterValueException",
                       fmt::format("There is no folder {} with the function's code.", folder));
    }
    const auto [digest, size] = fingerprint(path);
    StoredCode code;
    code.root = path.string();
    code.sha256 = base64_encode(digest);
    code.size = size;
    return code;
}

StoredCode CodeStore::use_layer_folder(const std::string& folder) {
    StoredCode code = use_folder(folder);
    const fs::path path = code.root;
    for (const char* part : {"python", "nodejs", "bin", "lib"}) {
        if (fs::exists(path / part)) return code;
    }
    if (!holds_python(path)) return code;
    const fs::path wrapped = root() / "layer" / digest::hex(digest::sha256(code.root));
    fs::create_directories(wrapped);
    std::error_code already_there;
    fs::create_directory_symlink(path, wrapped / "python", already_there);
    code.root = wrapped.string();
    return code;
}

}  // namespace skafu::lambda
