#include "lambda/zip.h"

#include <fstream>

#include <doctest/doctest.h>

namespace skafu::lambda {

namespace {

namespace fs = std::filesystem;

struct Folder {
    Folder() {
        std::string pattern = (fs::temp_directory_path() / "skafu-zip-XXXXXX").string();
        path = ::mkdtemp(pattern.data());
    }
    ~Folder() { fs::remove_all(path); }
    fs::path path;
};

std::string read(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string number(std::uint32_t value, int size) {
    std::string out;
    for (int i = 0; i < size; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
    return out;
}

/// An archive of one stored entry; the CRC is given, so that it may be wrong.
std::string archive_of(const std::string& name, const std::string& data, std::uint32_t crc,
                       std::uint32_t mode = 0100644) {
    const auto size = static_cast<std::uint32_t>(data.size());
    const auto length = static_cast<std::uint32_t>(name.size());
    const std::string sizes = number(crc, 4) + number(size, 4) + number(size, 4);
    const std::string local = number(0x04034b50, 4) + number(20, 2) + number(0, 2) + number(0, 2) +
                              number(0, 4) + sizes + number(length, 2) + number(0, 2) + name + data;
    const std::string entry = number(0x02014b50, 4) + number(0x0314, 2) + number(20, 2) +
                              number(0, 2) + number(0, 2) + number(0, 4) + sizes +
                              number(length, 2) + number(0, 2) + number(0, 2) + number(0, 2) +
                              number(0, 2) + number(mode << 16, 4) + number(0, 4) + name;
    return local + entry + number(0x06054b50, 4) + number(0, 4) + number(1, 2) + number(1, 2) +
           number(static_cast<std::uint32_t>(entry.size()), 4) +
           number(static_cast<std::uint32_t>(local.size()), 4) + number(0, 2);
}

constexpr std::uint32_t kCrcOfHello = 0x3610a686;  // "hello"

}  // namespace

TEST_CASE("a stored entry with its mode") {
    const Folder folder;
    unzip(archive_of("bin/run", "hello", kCrcOfHello, 0100755), folder.path, 1000);
    CHECK(read(folder.path / "bin/run") == "hello");
    CHECK((fs::status(folder.path / "bin/run").permissions() & fs::perms::owner_exec) !=
          fs::perms::none);
}

TEST_CASE("archives that are refused") {
    const Folder folder;
    CHECK_THROWS_AS(unzip("", folder.path, 1000), ZipError);
    CHECK_THROWS_AS(unzip("no archive at all, only some text", folder.path, 1000), ZipError);
    CHECK_THROWS_AS(unzip(archive_of("a", "hello", 1), folder.path, 1000), ZipError);
    CHECK_THROWS_AS(unzip(archive_of("../a", "hello", kCrcOfHello), folder.path, 1000), ZipError);
    CHECK_THROWS_AS(unzip(archive_of("/a", "hello", kCrcOfHello), folder.path, 1000), ZipError);
    CHECK_THROWS_AS(unzip(archive_of("a", "hello", kCrcOfHello), folder.path, 4), ZipError);
    const std::string whole = archive_of("a", "hello", kCrcOfHello);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CHECK_THROWS_AS(unzip(whole.substr(0, size), folder.path, 1000), ZipError);
    }
}

TEST_CASE("a link of the archive is made last") {
    const Folder folder;
    unzip(archive_of("link", "hello", kCrcOfHello, 0120777), folder.path, 1000);
    CHECK(fs::read_symlink(folder.path / "link") == "hello");
}

}  // namespace skafu::lambda
