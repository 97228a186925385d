#include "core/process.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include <boost/asio/posix/basic_stream_descriptor.hpp>

namespace skafu {

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

/// What the child needs to become the program; it shares our memory until then, so that the error
/// it meets comes back here.
struct SpawnPlan {
    char* const* arguments;
    char* const* environment;
    const char* folder;
    int output;
    pid_t parent;
    int error = 0;
};

/// Runs in the child, on a stack of its own: system calls only. Gives the exit status of a start
/// that failed.
int become(void* given) {
    SpawnPlan& plan = *static_cast<SpawnPlan*>(given);
    constexpr int kFailed = 127;
    struct sigaction usual {};
    usual.sa_handler = SIG_DFL;
    for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD}) {
        ::sigaction(signal, &usual, nullptr);
    }
    ::setpgid(0, 0);
    // The kernel's word that no function runs on without its server, even one that loops for ever.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != plan.parent) return kFailed;
    const int nothing = ::open("/dev/null", O_RDONLY);
    const bool wired = ::dup2(nothing, 0) == 0 && ::dup2(plan.output, 1) == 1 &&
                       ::dup2(plan.output, 2) == 2 && ::close_range(3, ~0U, 0) == 0 &&
                       (*plan.folder == '\0' || ::chdir(plan.folder) == 0);
    if (wired) {
        sigset_t none;
        sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        ::execve(plan.arguments[0], plan.arguments, plan.environment);
    }
    plan.error = errno;
    return kFailed;
}

/// Blocks every signal of this thread meanwhile: a handler must not run in the child, which
/// shares our memory.
class SignalsBlocked {
  public:
    SignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

  private:
    sigset_t before_;
};

/// PR_SET_PDEATHSIG tells of the end of the thread that made the child: call this only from
/// threads that live as long as the process, as those of the blocking pool do.
Spawned spawn(const Process::Command& command) {
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC | O_NONBLOCK) != 0) check(errno, "pipe2");
    // Only our end is non-blocking: a program may write more than the pipe holds.
    ::fcntl(pipe[1], F_SETFL, 0);

    const std::vector<char*> arguments = pointers(command.arguments);
    const std::vector<char*> environment = pointers(command.environment);
    SpawnPlan plan{arguments.data(), environment.data(), command.folder.c_str(), pipe[1],
                   ::getpid()};
    constexpr std::size_t kStack = 64 * 1024;
    const auto stack = std::make_unique<std::byte[]>(kStack);
    Spawned spawned;
    spawned.output = pipe[0];
    {
        const SignalsBlocked blocked;
        // Like vfork: nothing of this process is copied, and we wait until it is the program.
        spawned.pid =
            ::clone(become, stack.get() + kStack, CLONE_VM | CLONE_VFORK | SIGCHLD, &plan);
        if (spawned.pid < 0) plan.error = errno;
    }
    ::close(pipe[1]);
    if (plan.error != 0) {
        ::close(pipe[0]);
        if (spawned.pid > 0) ::waitpid(spawned.pid, nullptr, 0);
        check(plan.error, command.arguments.front().c_str());
    }
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
    bool leaves_nothing = true;
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
        if (leaves_nothing) ::kill(-pid, SIGKILL);
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
    state->leaves_nothing = command.leaves_nothing;
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

}  // namespace skafu
