#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/cloud.h"

namespace skafu {

/// How a process ended.
struct ExitStatus {
    int code = 0;
    int signal = 0;  ///< 0: it exited by itself

    /// As AWS words it: "exit status 1", "signal: killed".
    std::string text() const;
};

/// A child process in a process group of its own; what it prints to standard output and standard
/// error comes back through one pipe, in order. It is killed when this process ends, however it
/// ends.
class Process {
  public:
    struct Command {
        std::vector<std::string> arguments;
        std::vector<std::string> environment;  ///< "NAME=value"
        std::string folder;                    ///< empty: that of this process
        bool leaves_nothing = true;  ///< what it has left running is killed when it has ended
    };
    struct Listener {
        std::function<void(std::string_view)> on_output;
        std::function<void(ExitStatus)> on_exit;  ///< after the last output
    };

    /// Starts a process; the loop goes on meanwhile. Throws std::system_error where it cannot be
    /// started.
    static Task<std::unique_ptr<Process>> start(Cloud& cloud, Command command, Listener listener);
    /// Kills it, if it still runs.
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// Takes in what it has printed so far.
    void drain();
    /// Kills the whole group.
    void kill();
    /// The most memory it had resident so far, in MiB.
    int peak_memory() const;

  private:
    struct State;
    explicit Process(std::shared_ptr<State> state) : state_(std::move(state)) {}
    std::shared_ptr<State> state_;
};

}  // namespace skafu
