#include "cli/start_memory.h"

#include <cstddef>
#include <cstdint>
#include <link.h>
#include <malloc.h>
#include <memory>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>

namespace skafu::server {
namespace {

/// What a start without a template takes, and a little.
constexpr int kStartHeap = 512 * 1024;
constexpr std::size_t kMoreThanRest = 256 * 1024;  // of the heap that the first allocation made

constexpr int kKeptFree = 64 * 1024 * 1024;
constexpr int kTakenAtOnce = 4 * 1024 * 1024;

std::uintptr_t page_of(std::uintptr_t address) {
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    return address & ~(page - 1);
}

/// Only advice: where it is not taken, nothing is lost but time or memory.
void advise(std::uintptr_t begin, std::uintptr_t end, int advice) {
    (void)madvise(reinterpret_cast<void*>(page_of(begin)), end - page_of(begin), advice);
}

/// Maps the program itself, which comes first; what a start needs of the libraries is small.
int map_program(dl_phdr_info* object, std::size_t, void*) {
    for (int i = 0; i < object->dlpi_phnum; ++i) {
        const ElfW(Phdr)& segment = object->dlpi_phdr[i];
        if (segment.p_type != PT_LOAD) continue;
        const std::uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
        const bool writable = (segment.p_flags & PF_W) != 0;
        advise(begin, begin + segment.p_memsz, writable ? MADV_POPULATE_WRITE : MADV_POPULATE_READ);
    }
    return 1;  // no further object
}

/// Before anything else runs: what is set up before main() lies all over the program.
[[gnu::constructor(101)]] void map_program_first() {
    dl_iterate_phdr(map_program, nullptr);
}

/// Forgets the pages of one object's segments that nobody may write to, so that what is on disk is
/// what they hold. Relocated data lies in writable segments and stays.
int forget_pages(dl_phdr_info* object, std::size_t, void*) {
    if (std::string_view(object->dlpi_name).starts_with("linux-vdso")) return 0;
    for (int i = 0; i < object->dlpi_phnum; ++i) {
        const ElfW(Phdr)& segment = object->dlpi_phdr[i];
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
        const std::uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
        advise(begin, begin + segment.p_memsz, MADV_DONTNEED);
    }
    return 0;
}

}  // namespace

void take_start_memory() {
    mallopt(M_TRIM_THRESHOLD, kKeptFree);  // what is freed below stays at hand
    mallopt(M_MMAP_THRESHOLD, kTakenAtOnce);
    mallopt(M_TOP_PAD, kStartHeap);
    const auto grown = std::make_unique_for_overwrite<std::byte[]>(kMoreThanRest);
    const auto begin = reinterpret_cast<std::uintptr_t>(grown.get());
    const auto end = reinterpret_cast<std::uintptr_t>(sbrk(0));
    if (end > begin && end - begin < 2 * kStartHeap) advise(begin, end, MADV_POPULATE_WRITE);
}

void release_start_memory() {
    malloc_trim(0);
    dl_iterate_phdr(forget_pages, nullptr);
    // What is freed from here on is needed again soon: giving it back and asking for it anew, page
    // by page, took a fifth of the time that a busy server has.
    mallopt(M_TOP_PAD, kTakenAtOnce);
}

}  // namespace skafu::server
