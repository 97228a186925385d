#include "cli/interrupt.h"

#include <csignal>

namespace skafu::server {
namespace {

volatile std::sig_atomic_t interrupts = 0;

void note_interrupt(int signal) {
    interrupts = 1;
    std::signal(signal, SIG_DFL);
}

}  // namespace

void catch_interrupts() {
    std::signal(SIGINT, note_interrupt);
    std::signal(SIGTERM, note_interrupt);
}

bool interrupted() {
    return interrupts != 0;
}

}  // namespace skafu::server
