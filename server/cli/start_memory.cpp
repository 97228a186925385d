#include "cli/start_memory.h"

#include <cstdint>
#include <link.h>
#include <malloc.h>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>

namespace skafu::server {
namespace {

/// Forgets the pages of one object's segments that nobody may write to, so that what is on disk is
/// what they hold. Relocated data lies in writable segments and stays.
int forget_pages(dl_phdr_info* object, std::size_t, void*) {
    if (std::string_view(object->dlpi_name).starts_with("linux-vdso")) return 0;
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    for (int i = 0; i < object->dlpi_phnum; ++i) {
        const ElfW(Phdr)& segment = object->dlpi_phdr[i];
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
        const std::uintptr_t begin = (object->dlpi_addr + segment.p_vaddr) & ~(page - 1);
        const std::uintptr_t end = object->dlpi_addr + segment.p_vaddr + segment.p_memsz;
        // Only advice: where it is not taken, nothing is lost but memory.
        (void)madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
    }
    return 0;
}

}  // namespace

void release_start_memory() {
    malloc_trim(0);
    dl_iterate_phdr(forget_pages, nullptr);
}

}  // namespace skafu::server
