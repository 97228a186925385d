#include "eventbridge/archives.h"

#include <algorithm>

#include "core/aws_error.h"

namespace skafu::eventbridge {
namespace {

constexpr Duration kPruneEvery = std::chrono::hours(1);

}  // namespace

Archives::Archives(Cloud& cloud, Store& store)
    : cloud_(cloud), store_(store), documents_(cloud.database(), "events", "archive") {
    load();
}

void Archives::load() {
    documents_.for_each_scope([this](const Scope& scope) {
        documents_.for_each(scope, [&](const std::string& name, const Json& document) {
            compile(scope, name, document);
            return true;
        });
    });
}

void Archives::compile(const Scope& scope, const std::string& name, const Json& document) {
    forget(scope, name);
    auto archive = std::make_unique<Archive>();
    archive->scope = scope;
    archive->name = name;
    const std::string pattern = string_member(document, "EventPattern");
    archive->takes_all = pattern.empty();
    if (!pattern.empty()) archive->matcher.put(0, parse_pattern(pattern));
    by_bus_[string_member(document, "EventSourceArn")].push_back(std::move(archive));
}

void Archives::forget(const Scope& scope, const std::string& name) {
    for (auto& [bus, archives] : by_bus_) {
        std::erase_if(archives, [&](const std::unique_ptr<Archive>& archive) {
            return archive->scope == scope && archive->name == name;
        });
    }
    std::erase_if(by_bus_, [](const auto& entry) { return entry.second.empty(); });
}

void Archives::take(const Bus& bus, EventTape& tape, std::string_view event, TimePoint time) {
    if (by_bus_.empty()) return;
    const auto found = by_bus_.find(bus.arn());
    if (found == by_bus_.end()) return;
    for (const std::unique_ptr<Archive>& archive : found->second) {
        if (archive->takes_all || !archive->matcher.match(tape).empty()) {
            store_.archive(archive->scope, archive->name, time, event);
        }
    }
}

const Json* Archives::find(const Scope& scope, std::string_view name) const {
    return documents_.find(scope, name);
}

const Json& Archives::require(const Scope& scope, std::string_view name) const {
    const Json* document = find(scope, name);
    if (document != nullptr) return *document;
    throw AwsError::not_found(fmt::format("Archive {} does not exist.", name));
}

void Archives::put(const Scope& scope, const std::string& name, Json document) {
    compile(scope, name, document);
    documents_.put(scope, name, std::move(document));
    prune();
}

void Archives::remove(const Scope& scope, const std::string& name) {
    forget(scope, name);
    documents_.erase(scope, name);
    store_.prune_archive(scope, name, TimePoint::max());
}

void Archives::for_each(const Scope& scope,
                        const std::function<bool(const std::string&, const Json&)>& visit) const {
    documents_.for_each(scope, visit);
}

/// Drops what is older than its archive's retention, now and every hour from now on.
void Archives::prune() {
    const TimePoint now = cloud_.clock().now();
    bool any = false;
    documents_.for_each_scope([&](const Scope& scope) {
        documents_.for_each(scope, [&](const std::string& name, const Json& document) {
            const Json* days = find_member(document, "RetentionDays");
            if (days != nullptr && days->is_number() && days->get<int>() > 0) {
                any = true;
                store_.prune_archive(scope, name, now - std::chrono::days(days->get<int>()));
            }
            return true;
        });
    });
    if (!any || pruning_) return;
    pruning_ = true;
    cloud_.clock().after(
        kPruneEvery,
        [this] {
            pruning_ = false;
            prune();
        },
        TimerKind::housekeeping);
}

void Archives::reset(const Scope* scope) {
    documents_.clear(scope);
    by_bus_.clear();
    load();
}

}  // namespace skafu::eventbridge
