#include <cstdio>
#include <filesystem>
#include <unistd.h>
#include <zlib.h>

#include "cli/interrupt.h"
#include "cli/progress_bar.h"
#include "cli/table_access.h"
#include "cli/tables.h"

namespace skafu::server {
namespace {

/// Where the lines go: standard output, or a file that has its name only once it is whole.
class LineWriter {
  public:
    explicit LineWriter(const std::string& output)
        : name_(output == "-" ? "standard output" : output) {
        if (output == "-") {
            file_ = gzdopen(dup(STDOUT_FILENO), "wbT");
        } else {
            // A pipe or a device is written as it is.
            std::error_code ignored;
            const bool is_special = std::filesystem::exists(output, ignored) &&
                                    !std::filesystem::is_regular_file(output, ignored);
            if (!is_special) part_ = output + ".part";
            file_ = gzopen((is_special ? output : part_).c_str(),
                           output.ends_with(".gz") ? "wb1" : "wbT");
        }
        if (file_ == nullptr) throw std::runtime_error("cannot write " + name_);
        gzbuffer(file_, kBytes);
    }
    LineWriter(const LineWriter&) = delete;
    LineWriter& operator=(const LineWriter&) = delete;
    ~LineWriter() {
        if (file_ != nullptr) gzclose(file_);
        std::error_code ignored;
        if (!part_.empty()) std::filesystem::remove(part_, ignored);
    }

    void write(std::string line) {
        line.push_back('\n');
        const auto size = static_cast<unsigned>(line.size());
        if (gzwrite(file_, line.data(), size) != static_cast<int>(size)) fail();
    }

    void finish() {
        if (gzclose(std::exchange(file_, nullptr)) != Z_OK) fail();
        if (part_.empty()) return;
        std::filesystem::rename(part_, name_);
        part_.clear();
    }

  private:
    static constexpr unsigned kBytes = 256 * 1024;

    [[noreturn]] void fail() const {
        throw std::runtime_error("cannot write " + name_ + ": " +
                                 std::generic_category().message(errno));
    }

    std::string name_;
    std::string part_;
    gzFile_s* file_ = nullptr;
};

std::string scan_body(const std::string& table, const std::string& start_key) {
    std::string body =
        fmt::format("{{\"TableName\":{},\"ConsistentRead\":true", to_text(Json(table)));
    if (!start_key.empty()) body.append(",\"ExclusiveStartKey\":").append(start_key);
    body.push_back('}');
    return body;
}

}  // namespace

int export_table(const ExportOptions& options) {
    const std::unique_ptr<TableClient> client = open_tables(options);
    const TableFacts facts = describe_table(*client, options);
    LineWriter out(options.output);
    catch_interrupts();
    ProgressBar bar("items");
    std::uint64_t count = 0;
    std::string start_key;
    do {
        if (interrupted()) {
            throw std::runtime_error(
                fmt::format("interrupted after {} items: nothing was kept", count));
        }
        const std::string page =
            call_or_throw(*client, "Scan", scan_body(options.table, start_key));
        start_key = for_each_item(page, [&](std::string_view item) {
            out.write(line_of_item(item, options.format));
            ++count;
        });
        bar.show(
            facts.items == 0 ? 0 : static_cast<double>(count) / static_cast<double>(facts.items),
            count);
    } while (!start_key.empty());
    out.finish();
    bar.clear();
    fmt::print(stderr, "{} items of {} exported\n", count, options.table);
    return 0;
}

}  // namespace skafu::server
