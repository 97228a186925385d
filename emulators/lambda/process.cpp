#include "lambda/process.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include <boost/asio/posix/basic_stream_descriptor.hpp>

namespace skafu::lambda {

namespace {

using Descriptor = boost::asio::posix::basic_stream_descriptor<Executor>;

constexpr std::size_t kReadSize = 64 * 1024;
constexpr int kReadsPerTurn = 16;  // so that a process that prints without end stalls nobody

struct Spawned {
    pid_t pid = -1;
    int output = -1;
};

void check(int code, const char* doing) {
    if (code != 0) throw std::system_error(code, std::generic_category(), doing);
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> list;
    list.reserve(texts.size() + 1);
    for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
    list.push_back(nullptr);
    return list;
}

/// What the child changes before it becomes the program; freed at the end of the scope.
struct SpawnPlan {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;

    SpawnPlan() {
        check(posix_spawn_file_actions_init(&actions), "posix_spawn_file_actions_init");
        check(posix_spawnattr_init(&attributes), "posix_spawnattr_init");
    }
    ~SpawnPlan() {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;
};

Spawned spawn(const Process::Command& command) {
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC | O_NONBLOCK) != 0) check(errno, "pipe2");
    // Only our end is non-blocking: a program may write more than the pipe holds.
    ::fcntl(pipe[1], F_SETFL, 0);

    SpawnPlan plan;
    posix_spawn_file_actions_addopen(&plan.actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&plan.actions, pipe[1], 1);
    posix_spawn_file_actions_adddup2(&plan.actions, pipe[1], 2);
    posix_spawn_file_actions_addclosefrom_np(&plan.actions, 3);
    posix_spawn_file_actions_addchdir_np(&plan.actions, command.folder.c_str());

    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&plan.attributes, &signals);
    for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD}) {
        sigaddset(&signals, signal);
    }
    posix_spawnattr_setsigdefault(&plan.attributes, &signals);
    posix_spawnattr_setpgroup(&plan.attributes, 0);
    posix_spawnattr_setflags(
        &plan.attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

    Spawned spawned;
    const int code = posix_spawn(&spawned.pid, command.arguments.front().c_str(), &plan.actions,
                                 &plan.attributes, pointers(command.arguments).data(),
                                 pointers(command.environment).data());
    ::close(pipe[1]);
    if (code != 0) {
        ::close(pipe[0]);
        check(code, command.arguments.front().c_str());
    }
    spawned.output = pipe[0];
    return spawned;
}

std::string signal_name(int signal) {
    switch (signal) {
        case SIGABRT:
            return "aborted";
        case SIGBUS:
            return "bus error";
        case SIGFPE:
            return "floating point exception";
        case SIGILL:
            return "illegal instruction";
        case SIGKILL:
            return "killed";
        case SIGSEGV:
            return "segmentation fault";
        case SIGTERM:
            return "terminated";
        default:
            return fmt::format("signal {}", signal);
    }
}

}  // namespace

std::string ExitStatus::text() const {
    if (signal != 0) return "signal: " + signal_name(signal);
    return fmt::format("exit status {}", code);
}

struct Process::State : std::enable_shared_from_this<Process::State> {
    State(boost::asio::io_context& io, Listener given)
        : output(io.get_executor()), death(io.get_executor()), listener(std::move(given)) {}

    pid_t pid = -1;
    Descriptor output;
    Descriptor death;  // a pidfd: readable once the process has ended
    Listener listener;
    std::vector<char> buffer = std::vector<char>(kReadSize);

    /// Reads what there is; false once the pipe's other end is closed.
    bool read_some(int reads) {
        while (reads-- > 0 && output.is_open()) {
            const ssize_t size = ::read(output.native_handle(), buffer.data(), buffer.size());
            if (size < 0) return errno == EAGAIN || errno == EINTR;
            if (size == 0) return false;
            if (listener.on_output) {
                listener.on_output({buffer.data(), static_cast<std::size_t>(size)});
            }
        }
        return true;
    }

    void wait_for_output() {
        output.async_wait(Descriptor::wait_read,
                          [self = shared_from_this()](const boost::system::error_code& error) {
                              if (error || !self->read_some(kReadsPerTurn)) return;
                              self->wait_for_output();
                          });
    }

    void wait_for_death() {
        death.async_wait(Descriptor::wait_read,
                         [self = shared_from_this()](const boost::system::error_code& error) {
                             if (!error) self->reap();
                         });
    }

    void reap() {
        int status = 0;
        if (pid <= 0 || ::waitpid(pid, &status, 0) != pid) return;
        // Whatever it has left behind in its group goes with it.
        ::kill(-pid, SIGKILL);
        pid = -1;
        read_some(kReadsPerTurn);
        close();
        ExitStatus exit;
        if (WIFSIGNALED(status)) {
            exit.signal = WTERMSIG(status);
        } else {
            exit.code = WEXITSTATUS(status);
        }
        const Listener last = std::exchange(listener, {});  // it may drop whom it belongs to
        if (last.on_exit) last.on_exit(exit);
    }

    void close() {
        boost::system::error_code ignored;
        output.close(ignored);
        death.close(ignored);
    }
};

Task<std::unique_ptr<Process>> Process::start(Cloud& cloud, Command command, Listener listener) {
    auto state = std::make_shared<State>(cloud.io(), std::move(listener));
    std::function<Spawned()> work = [command = std::move(command)] { return spawn(command); };
    const Spawned spawned = co_await cloud.in_background<Spawned>(std::move(work));
    state->pid = spawned.pid;
    state->output.assign(spawned.output);
    state->death.assign(static_cast<int>(::syscall(SYS_pidfd_open, spawned.pid, 0)));
    state->wait_for_output();
    state->wait_for_death();
    co_return std::unique_ptr<Process>(new Process(std::move(state)));
}

Process::~Process() {
    state_->listener = {};
    kill();  // the state lives on until the process is reaped
}

void Process::drain() {
    state_->read_some(kReadsPerTurn);
}

void Process::kill() {
    if (state_->pid > 0) ::kill(-state_->pid, SIGKILL);
}

int Process::peak_memory() const {
    if (state_->pid <= 0) return 0;
    std::ifstream status(fmt::format("/proc/{}/status", state_->pid));
    std::string line;
    while (std::getline(status, line)) {
        if (line.starts_with("VmHWM:")) return std::stoi(line.substr(6)) / 1024;
    }
    return 0;
}

}  // namespace skafu::lambda
