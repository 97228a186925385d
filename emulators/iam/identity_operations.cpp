#include "core/aws_error.h"
#include "core/http.h"
#include "core/managed_policies.h"
#include "iam/operations.h"

namespace skafu::iam {
namespace {

/// The operations that roles and users have alike.
class Identities {
  public:
    Identities(Store& store, const IdentityKind& kind)
        : store_(store), kind_(kind), name_member_(std::string(kind.type) + "Name") {}

    const std::string& name_key() const { return name_member_; }

    Json put_inline(Context& context, const Json& input) {
        const std::string text =
            policy_document(input, "PolicyDocument", "Syntax errors in policy.");
        return change(context, input, [&](Json& document) {
            document["inline"][string_member(input, "PolicyName")] = text;
        });
    }

    Json get_inline(Context& context, const Json& input) {
        const std::string policy = string_member(input, "PolicyName");
        const Json& document = find(context, input);
        const Json* text = find_member(document["inline"], policy);
        if (text == nullptr) throw no_policy(policy);
        return {{name_member_, string_member(input, name_member_)},
                {"PolicyName", policy},
                {"PolicyDocument", percent_encode(text->get<std::string>())}};
    }

    Json list_inline(Context& context, const Json& input) {
        Json names = Json::array();
        const Json& document = find(context, input);
        for (const auto& [name, text] : document["inline"].items()) names.push_back(name);
        return {{"PolicyNames", std::move(names)}, {"IsTruncated", false}};
    }

    Json delete_inline(Context& context, const Json& input) {
        const std::string policy = string_member(input, "PolicyName");
        return change(context, input, [&](Json& document) {
            if (document["inline"].erase(policy) == 0) throw no_policy(policy);
        });
    }

    Json attach(Context& context, const Json& input) {
        const std::string arn = string_member(input, "PolicyArn");
        check_attachable(context, arn);
        return change(context, input, [&](Json& document) {
            Json& attached = document["attached"];
            if (std::find(attached.begin(), attached.end(), Json(arn)) == attached.end()) {
                attached.push_back(arn);
            }
        });
    }

    Json detach(Context& context, const Json& input) {
        const std::string arn = string_member(input, "PolicyArn");
        return change(context, input, [&](Json& document) {
            Json kept = Json::array();
            for (const Json& other : document["attached"]) {
                if (other != arn) kept.push_back(other);
            }
            if (kept.size() == document["attached"].size()) {
                throw no_such_entity(fmt::format("Policy {} was not found.", arn));
            }
            document["attached"] = std::move(kept);
        });
    }

    Json list_attached(Context& context, const Json& input) {
        Json out = Json::array();
        const Json& document = find(context, input);
        for (const Json& arn : document["attached"]) {
            const std::string text = arn.get<std::string>();
            out.push_back({{"PolicyName", text.substr(text.rfind('/') + 1)}, {"PolicyArn", text}});
        }
        return {{"AttachedPolicies", std::move(out)}, {"IsTruncated", false}};
    }

    Json tag(Context& context, const Json& input) {
        return change(context, input, [&](Json& document) {
            Json& tags = document["described"]["Tags"];
            for (const Json& tag : tags_of(input)) {
                erase_tag(tags, string_member(tag, "Key"));
                tags.push_back(tag);
            }
        });
    }

    Json untag(Context& context, const Json& input) {
        return change(context, input, [&](Json& document) {
            for (const Json& key : input.at("TagKeys")) {
                erase_tag(document["described"]["Tags"], key.get<std::string>());
            }
        });
    }

    Json list_tags(Context& context, const Json& input) {
        const Json* tags = find_member(find(context, input)["described"], "Tags");
        return {{"Tags", tags == nullptr ? Json::array() : *tags}, {"IsTruncated", false}};
    }

    Json get(Context& context, const Json& input) {
        if (&kind_ == &kUser && string_member(input, name_member_).empty()) {
            return {{"User", calling_user(context)}};
        }
        return {{std::string(kind_.type), find(context, input)["described"]}};
    }

    Json list(Context& context, const Json& input) {
        const std::string prefix = string_member(input, "PathPrefix", "/");
        Json out = Json::array();
        store_.of(kind_).for_each(iam_scope(context.caller),
                                  [&](const auto&, const Json& document) {
                                      Json described = document["described"];
                                      described.erase("Tags");
                                      if (string_member(described, "Path").starts_with(prefix)) {
                                          out.push_back(std::move(described));
                                      }
                                      return true;
                                  });
        return {{std::string(kind_.type) + "s", std::move(out)}, {"IsTruncated", false}};
    }

    Json remove(Context& context, const Json& input) {
        const Json& document = find(context, input);
        if (!document["attached"].empty()) {
            throw AwsError("DeleteConflict",
                           "Cannot delete entity, must detach all policies first.", 409);
        }
        if (!document["inline"].empty()) {
            throw AwsError("DeleteConflict", "Cannot delete entity, must delete policies first.",
                           409);
        }
        store_.of(kind_).erase(iam_scope(context.caller), string_member(input, name_member_));
        return Json::object();
    }

  private:
    const Json& find(Context& context, const Json& input) {
        return require(store_, kind_, context.caller, string_member(input, name_member_));
    }

    /// Whoever calls without a user of its own is the account's root.
    static Json calling_user(Context& context) {
        const std::string& account = context.caller.account;
        return {{"Path", "/"},
                {"UserName", "root"},
                {"UserId", account},
                {"Arn", iam_arn(context.caller, "", "", "root")},
                {"CreateDate", now_text(context.cloud)}};
    }

    Json change(Context& context, const Json& input, const std::function<void(Json&)>& edit) {
        Json document = find(context, input);
        edit(document);
        store_.of(kind_).put(iam_scope(context.caller), string_member(input, name_member_),
                             std::move(document));
        return Json::object();
    }

    AwsError no_policy(const std::string& policy) const {
        return no_such_entity(
            fmt::format("The {} policy with name {} cannot be found.", kind_.arn_prefix, policy));
    }

    void check_attachable(Context& context, const std::string& arn) {
        const AwsError missing =
            no_such_entity(fmt::format("Policy {} does not exist or is not attachable.", arn));
        if (arn.starts_with(kAwsPolicyPrefix)) {
            const std::string name = arn.substr(kAwsPolicyPrefix.size());
            if (is_aws_managed_policy(name)) return;
            // Not all policies of AWS are known here; but a known one has one path only.
            const std::string near = nearest_aws_managed_policy(name);
            if (near.substr(near.rfind('/') + 1) != name.substr(name.rfind('/') + 1)) return;
            throw missing;
        }
        if (store_.policies.find(iam_scope(context.caller), arn) == nullptr) throw missing;
    }

    static void erase_tag(Json& tags, const std::string& key) {
        if (!tags.is_array()) tags = Json::array();
        Json kept = Json::array();
        for (const Json& tag : tags) {
            if (string_member(tag, "Key") != key) kept.push_back(tag);
        }
        tags = std::move(kept);
    }

    Store& store_;
    const IdentityKind& kind_;
    std::string name_member_;
};

}  // namespace

void add_identity_operations(Service& service, Store& store, const IdentityKind& kind) {
    using namespace shape;
    Identities& all = store.cloud.own(std::make_unique<Identities>(store, kind));
    const std::string type(kind.type);
    const Shape::Member name = name_member(all.name_key());
    const Shape::Member policy = name_member("PolicyName");
    const Shape::Member arn = required("PolicyArn", string(20, 2048));
    const auto add = [&](std::string operation, std::vector<Shape::Member> members,
                         Json (Identities::*handler)(Context&, const Json&)) {
        add_row(service, std::move(operation), std::move(members),
                [&all, handler](Context& context, const Json& input) {
                    return (all.*handler)(context, input);
                });
    };
    const Shape tags =
        list(structure({required("Key", string(1, 128)), required("Value", string())}));
    add("Put" + type + "Policy", {name, policy, required("PolicyDocument", string(1, 131072))},
        &Identities::put_inline);
    add("Get" + type + "Policy", {name, policy}, &Identities::get_inline);
    add("List" + type + "Policies", {name}, &Identities::list_inline);
    add("Delete" + type + "Policy", {name, policy}, &Identities::delete_inline);
    add("Attach" + type + "Policy", {name, arn}, &Identities::attach);
    add("Detach" + type + "Policy", {name, arn}, &Identities::detach);
    add("ListAttached" + type + "Policies", {name}, &Identities::list_attached);
    add("Tag" + type, {name, required("Tags", tags)}, &Identities::tag);
    add("Untag" + type, {name, required("TagKeys", list(string()))}, &Identities::untag);
    add("List" + type + "Tags", {name}, &Identities::list_tags);
    add("Get" + type, {&kind == &kUser ? optional(kept(all.name_key()), string()) : name},
        &Identities::get);
    add("List" + type + "s", {optional("PathPrefix", string()), optional("MaxItems", integer())},
        &Identities::list);
    add("Delete" + type, {name}, &Identities::remove);
}

}  // namespace skafu::iam
