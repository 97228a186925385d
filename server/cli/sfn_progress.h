#pragma once

#include <map>
#include <string>

#include "core/json.h"

namespace skafu::server {

/// Prints an execution as it goes, from what `/_skafu/executions/{arn}` tells.
class SfnProgress {
  public:
    enum class Look { plain, terminal };

    explicit SfnProgress(Look look) : look_(look) {}

    /// The lines for the events of `drawing` that were not printed yet.
    std::string lines(const Json& drawing);
    /// The line of the end, and the output.
    std::string end(const Json& drawing) const;
    /// The last event that was seen.
    std::int64_t last_event() const { return last_event_; }

  private:
    std::string line(const Json& event, const Json& steps, double since_start);
    std::string text(double time, const char* symbol, const char* word, const char* colour,
                     const std::string& what) const;

    Look look_;
    std::int64_t last_event_ = 0;
    double start_ = 0;
    std::map<std::size_t, std::int64_t> attempts_;  ///< by step
};

}  // namespace skafu::server
