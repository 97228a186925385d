#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/entropy.h"
#include "core/json.h"

namespace skafu::eventbridge {

/// Trouble on demand: deliveries that get lost, doubled, late or out of order. The same seed over
/// the same deliveries gives the same trouble.
class Faults {
  public:
    /// What happens to one delivery.
    struct Fate {
        bool drop = false;
        bool duplicate = false;
        Duration delay{0};
    };

    /// From the body of PUT /_skafu/faults: one object or a list, each with any of rule, queue,
    /// bus (whom it concerns; nobody named is everybody) and duplicate, drop, reorder (how
    /// often, 0 to 1), delay (at most so many seconds), seed. Throws AwsError ValidationException.
    void set(const Json& wanted);
    Json get() const { return wanted_; }
    bool any() const { return !rows_.empty(); }
    Fate decide(std::string_view bus, std::string_view rule, std::string_view target_arn);

  private:
    struct Row {
        std::string bus;
        std::string rule;
        std::string queue;
        double drop = 0;
        double duplicate = 0;
        double reorder = 0;
        double delay = 0;
        Entropy entropy;
    };
    std::vector<Row> rows_;
    Json wanted_ = Json::array();
};

}  // namespace skafu::eventbridge
