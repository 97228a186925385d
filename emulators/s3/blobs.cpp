#include "s3/blobs.h"

#include <fstream>
#include <stdexcept>

namespace skafu::s3 {

Blobs::Blobs(std::filesystem::path folder, Entropy& entropy)
    : folder_(std::move(folder)), entropy_(entropy) {
    if (!folder_.empty()) std::filesystem::create_directories(folder_);
}

std::string Blobs::put(std::string bytes) {
    std::string id = entropy_.uuid();
    if (folder_.empty()) {
        memory_[id] = std::make_shared<const std::string>(std::move(bytes));
        return id;
    }
    std::ofstream file(folder_ / id, std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (!file) throw std::runtime_error("cannot write " + (folder_ / id).string());
    return id;
}

std::shared_ptr<const std::string> Blobs::get(const std::string& id) const {
    if (folder_.empty()) return memory_.at(id);
    std::ifstream file(folder_ / id, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + (folder_ / id).string());
    return std::make_shared<const std::string>(std::istreambuf_iterator<char>(file),
                                               std::istreambuf_iterator<char>());
}

void Blobs::remove(const std::string& id) {
    memory_.erase(id);
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove(folder_ / id, ignored);
}

void Blobs::keep_only(const std::unordered_set<std::string>& used) {
    if (folder_.empty()) return;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
        std::error_code ignored;
        if (used.count(entry.path().filename().string()) == 0) {
            std::filesystem::remove(entry.path(), ignored);
        }
    }
}

}  // namespace skafu::s3
