#include <algorithm>
#include <cstdio>
#include <map>
#include <regex>
#include <set>
#include <stdexcept>

#include "cli/event_files.h"
#include "cli/events.h"

namespace skafu::server {
namespace {

/// What differs from run to run inside of texts, ids and times, said in a way that does not. Ids
/// are numbered in the order in which a flow brings them, so that it still shows whether two are
/// the same; or all are alike.
class Names {
  public:
    enum class Ids : std::uint8_t { numbered, alike };
    explicit Names(Ids ids) : ids_(ids) {}

    std::string plain(const std::string& text) {
        static const std::regex kVolatile(
            "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
            "|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?"
            "(Z|[+-][0-9]{2}:?[0-9]{2})?");
        std::string out;
        auto rest = text.cbegin();
        for (std::sregex_iterator found(text.begin(), text.end(), kVolatile), end; found != end;
             ++found) {
            out.append(rest, found->prefix().second);
            const std::string id = found->str();
            out += id.size() > 10 && id[10] == 'T' ? std::string("<time>") : number(id);
            rest = found->suffix().first;
        }
        out.append(rest, text.cend());
        return out;
    }

  private:
    std::string number(const std::string& id) {
        if (ids_ == Ids::alike) return "<id>";
        const auto known = numbers_.emplace(id, numbers_.size() + 1).first;
        return "<id " + std::to_string(known->second) + ">";
    }
    Ids ids_;
    std::map<std::string, std::size_t> numbers_;
};

/// One flow: what a correlation id says happened, the event that began it first.
using Story = std::vector<std::string>;

Json without_volatile(const Json& value, Names& names) {
    // Members that are of one run whatever their form; times as numbers among them.
    static const std::set<std::string, std::less<>> kVolatile = {
        "eventId", "correlationId", "causationId", "timestamp", "requestId", "traceId"};
    if (value.is_string()) return names.plain(value.get<std::string>());
    if (value.is_array()) {
        Json list = Json::array();
        for (const Json& element : value) list.push_back(without_volatile(element, names));
        return list;
    }
    if (!value.is_object()) return value;
    std::map<std::string, Json> sorted;
    for (const auto& [name, member] : value.items()) {
        if (!kVolatile.contains(name)) sorted.emplace(name, without_volatile(member, names));
    }
    Json object = Json::object();
    for (auto& [name, member] : sorted) object[name] = std::move(member);
    return object;
}

std::string told(const Json& recorded, Names& names) {
    const Json& event = recorded.at("event");
    const Json* detail = find_member(event, "detail");
    return to_text({{"bus", recorded.at("bus")},
                    {"source", string_member(event, "source")},
                    {"detail-type", string_member(event, "detail-type")},
                    {"rules", recorded.at("rules")},
                    {"detail", detail == nullptr ? Json() : without_volatile(*detail, names)}});
}

/// What the events of a flow say. What the first caused is sorted: consumers that run side by side
/// end in any order.
Story story_of(std::vector<Json> flow) {
    std::vector<std::pair<std::string, const Json*>> order;
    for (const Json& recorded : flow) {
        Names alike(Names::Ids::alike);
        order.emplace_back(told(recorded, alike), &recorded);
    }
    std::stable_sort(order.begin() + 1, order.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    Names numbered(Names::Ids::numbered);
    Story story;
    for (const auto& [text, recorded] : order) story.push_back(told(*recorded, numbered));
    return story;
}

/// The flows of a recording in the order of their first event.
std::vector<Story> stories(const std::string& file) {
    std::vector<std::vector<Json>> flows;
    std::map<std::string, std::size_t> known;
    const auto visit = [&](RecordedEvent recorded, const EventPlace&) {
        Json event = parse_json(recorded.event);
        const Json* detail = find_member(event, "detail");
        std::string correlation =
            detail == nullptr ? std::string() : string_member(*detail, "correlationId");
        if (correlation.empty()) correlation = string_member(event, "id");
        if (correlation.empty()) correlation = "event " + std::to_string(flows.size());
        const auto [place, is_new] = known.emplace(correlation, flows.size());
        if (is_new) flows.emplace_back();
        Json rules = recorded.rules.empty() ? Json() : parse_json(recorded.rules);
        flows[place->second].push_back(
            {{"bus", recorded.bus}, {"rules", std::move(rules)}, {"event", std::move(event)}});
        return true;
    };
    read_events(file, visit, [&](const EventPlace& place, const std::string& why) {
        throw std::runtime_error(file + ":" + std::to_string(place.line) + ": " + why);
    });
    std::vector<Story> all;
    for (std::vector<Json>& flow : flows) all.push_back(story_of(std::move(flow)));
    return all;
}

/// Takes away what is equal on both sides, in whatever order it came.
void remove_equal(std::vector<Story>& before, std::vector<Story>& after) {
    std::map<Story, std::size_t> count;
    for (const Story& story : after) ++count[story];
    std::map<Story, std::size_t> equal;
    std::erase_if(before, [&](const Story& story) {
        const auto found = count.find(story);
        if (found == count.end() || found->second == 0) return false;
        --found->second;
        ++equal[story];
        return true;
    });
    std::erase_if(after, [&](const Story& story) {
        const auto found = equal.find(story);
        if (found == equal.end() || found->second == 0) return false;
        --found->second;
        return true;
    });
}

/// The flow of `after` that `story` is best compared with: one that began with the same event.
std::size_t counterpart(const Story& story, const std::vector<Story>& after) {
    for (std::size_t i = 0; i < after.size(); ++i) {
        if (after[i].front() == story.front()) return i;
    }
    return 0;
}

void print_differences(const Story& was, const Story& is) {
    std::printf("flow of %s\n", was.empty() ? is.front().c_str() : was.front().c_str());
    std::multiset<std::string> remaining(is.begin(), is.end());
    for (const std::string& event : was) {
        const auto same = remaining.find(event);
        std::printf("  %c %s\n", same == remaining.end() ? '-' : ' ', event.c_str());
        if (same != remaining.end()) remaining.erase(same);
    }
    for (const std::string& event : remaining) std::printf("  + %s\n", event.c_str());
}

}  // namespace

int diff_recordings(const std::string& before_file, const std::string& after_file) {
    std::vector<Story> before = stories(before_file);
    std::vector<Story> after = stories(after_file);
    const std::size_t flows = std::max(before.size(), after.size());
    remove_equal(before, after);
    const std::size_t differences = std::max(before.size(), after.size());
    for (const Story& was : before) {
        if (after.empty()) {
            print_differences(was, {});
            continue;
        }
        const std::size_t other = counterpart(was, after);
        print_differences(was, after[other]);
        after.erase(after.begin() + static_cast<std::ptrdiff_t>(other));
    }
    for (const Story& is : after) print_differences({}, is);
    std::printf("%zu of %zu flows differ\n", differences, flows);
    return differences == 0 ? 0 : 1;
}

}  // namespace skafu::server
