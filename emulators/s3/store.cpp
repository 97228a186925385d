#include "s3/store.h"

#include "s3/errors.h"

namespace skafu::s3 {
namespace {

constexpr std::string_view kSchema =
    "CREATE TABLE s3_objects(sequence INTEGER PRIMARY KEY, account TEXT NOT NULL,"
    " bucket TEXT NOT NULL, key TEXT NOT NULL, version TEXT NOT NULL, marker INTEGER NOT NULL,"
    " blob TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL,"
    " info TEXT NOT NULL)";

/// Buckets know their account; their region is but a word in their document.
Scope bucket_scope(std::string_view account) {
    return {std::string(account), "aws-global"};
}

std::filesystem::path blob_folder(const Settings& settings) {
    return settings.data_dir.empty() ? std::filesystem::path() : settings.data_dir / "objects";
}

std::int64_t row_id(std::uint64_t number) {
    return static_cast<std::int64_t>(number);
}

}  // namespace

Versioning Bucket::versioning() const {
    const std::string status = string_member(document, "versioning");
    if (status == "Enabled") return Versioning::kEnabled;
    return status == "Suspended" ? Versioning::kSuspended : Versioning::kOff;
}

Store::Store(Cloud& cloud)
    : cloud_(cloud),
      blobs_(blob_folder(cloud.settings()), cloud.entropy()),
      documents_(cloud.database(), "s3", "bucket"),
      uploads_(cloud.database(), "s3", "upload") {
    Database& database = cloud.database();
    database.migrate("s3", {kSchema});
    insert_ = database.prepare(
        "INSERT INTO s3_objects VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
    update_ = database.prepare("UPDATE s3_objects SET info = ?2 WHERE sequence = ?1");
    delete_ = database.prepare("DELETE FROM s3_objects WHERE sequence = ?1");
    load();
    database.on_rollback([this] { load(); });
}

void Store::load() {
    buckets_.clear();
    documents_.for_each_scope([this](const Scope& scope) {
        documents_.for_each(scope, [&](const std::string& name, const Json& document) {
            auto bucket = std::make_unique<Bucket>();
            bucket->account = scope.account;
            bucket->name = name;
            bucket->document = document;
            buckets_[{scope.account, name}] = std::move(bucket);
            return true;
        });
    });
    load_objects();
}

void Store::load_objects() {
    if (cloud_.database().untouched()) return;
    std::unordered_set<std::string> used;
    Statement all = cloud_.database().prepare("SELECT * FROM s3_objects ORDER BY sequence DESC");
    while (all.step()) {
        ObjectVersion version;
        version.sequence = static_cast<std::uint64_t>(all.integer(0));
        last_sequence_ = std::max(last_sequence_, version.sequence);
        Bucket* bucket = find(all.text(1), all.text(2));
        if (bucket == nullptr) continue;
        version.version_id = all.text(4);
        version.is_delete_marker = all.integer(5) != 0;
        version.blob = all.text(6);
        version.size = static_cast<std::uint64_t>(all.integer(7));
        version.etag = all.text(8);
        version.modified_ms = all.integer(9);
        version.info = parse_json(all.text(10));
        used.insert(version.blob);
        bucket->keys[std::string(all.text(3))].push_back(std::move(version));
    }
    uploads_.for_each_scope([&](const Scope& scope) {
        uploads_.for_each(scope, [&](const std::string&, const Json& upload) {
            for (const auto& [number, part] : upload.at("parts").items()) {
                used.insert(string_member(part, "blob"));
            }
            return true;
        });
    });
    blobs_.keep_only(used);
}

Bucket* Store::find(std::string_view account, std::string_view name) {
    const auto found = buckets_.find({std::string(account), std::string(name)});
    return found == buckets_.end() ? nullptr : found->second.get();
}

Bucket& Store::require(const Caller& caller, std::string_view name) {
    if (name.starts_with("arn:aws:s3:::")) name.remove_prefix(13);
    Bucket* found = find(caller.account, name);
    if (found == nullptr) throw no_such_bucket(name);
    return *found;
}

Bucket& Store::create(const Caller& caller, const std::string& name, Json document) {
    auto bucket = std::make_unique<Bucket>();
    bucket->account = caller.account;
    bucket->name = name;
    bucket->document = std::move(document);
    Bucket& created = *bucket;
    buckets_[{caller.account, name}] = std::move(bucket);
    save(created);
    return created;
}

void Store::save(const Bucket& bucket) {
    documents_.put(bucket_scope(bucket.account), bucket.name, bucket.document);
}

void Store::clear(Bucket& bucket) {
    for (const auto& [key, versions] : bucket.keys) {
        for (const ObjectVersion& version : versions) drop(version);
    }
    bucket.keys.clear();
    std::vector<std::string> ids;
    uploads_.for_each(upload_scope(bucket), [&](const std::string& id, const Json&) {
        ids.push_back(id);
        return true;
    });
    for (const std::string& id : ids) remove_upload(bucket, id);
}

void Store::remove(Bucket& bucket) {
    clear(bucket);
    documents_.erase(bucket_scope(bucket.account), bucket.name);
    buckets_.erase({bucket.account, bucket.name});
}

void Store::for_each(std::string_view account,
                     const std::function<void(const Bucket&)>& visit) const {
    for (auto at = buckets_.lower_bound({std::string(account), ""});
         at != buckets_.end() && at->first.first == account; ++at) {
        visit(*at->second);
    }
}

const ObjectVersion* Store::latest(const Bucket& bucket, std::string_view key) const {
    const auto found = bucket.keys.find(key);
    if (found == bucket.keys.end() || found->second.front().is_delete_marker) return nullptr;
    return &found->second.front();
}

ObjectVersion& Store::require_version(Bucket& bucket, std::string_view key,
                                      std::string_view version) {
    const auto found = bucket.keys.find(key);
    if (found != bucket.keys.end()) {
        for (ObjectVersion& candidate : found->second) {
            if (candidate.version_id == version) return candidate;
        }
    }
    throw no_such_version(key, version);
}

const ObjectVersion& Store::add(Bucket& bucket, const std::string& key, ObjectVersion version) {
    version.sequence = ++last_sequence_;
    version.modified_ms = now_ms();
    if (bucket.versioning() == Versioning::kEnabled) {
        version.version_id = cloud_.entropy().pick(
            32, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._");
    } else {
        version.version_id = "null";
        remove_version(bucket, key, "null");
    }
    insert_row(bucket, key, version);
    Versions& versions = bucket.keys[key];
    versions.insert(versions.begin(), std::move(version));
    return versions.front();
}

void Store::insert_row(const Bucket& bucket, const std::string& key, const ObjectVersion& version) {
    cloud_.database().write();
    const std::string info = to_text(version.info);
    insert_.bind(1, row_id(version.sequence)).bind(2, bucket.account).bind(3, bucket.name);
    insert_.bind(4, key).bind(5, version.version_id);
    insert_.bind(6, std::int64_t{version.is_delete_marker ? 1 : 0}).bind(7, version.blob);
    insert_.bind(8, row_id(version.size)).bind(9, version.etag).bind(10, version.modified_ms);
    insert_.bind(11, info).run();
}

void Store::update(const ObjectVersion& version) {
    cloud_.database().write();
    const std::string info = to_text(version.info);
    update_.bind(1, row_id(version.sequence)).bind(2, info).run();
}

bool Store::remove_version(Bucket& bucket, std::string_view key, std::string_view version) {
    const auto found = bucket.keys.find(key);
    if (found == bucket.keys.end()) return false;
    Versions& versions = found->second;
    const auto at = std::find_if(versions.begin(), versions.end(),
                                 [&](const ObjectVersion& v) { return v.version_id == version; });
    if (at == versions.end()) return false;
    drop(*at);
    versions.erase(at);
    if (versions.empty()) bucket.keys.erase(found);
    return true;
}

void Store::drop(const ObjectVersion& version) {
    cloud_.database().write();
    delete_.bind(1, row_id(version.sequence)).run();
    if (!version.blob.empty()) blobs_.remove(version.blob);
}

void Store::remove_upload(const Bucket& bucket, const std::string& id) {
    const Json* upload = uploads_.find(upload_scope(bucket), id);
    if (upload == nullptr) return;
    for (const auto& [number, part] : upload->at("parts").items()) {
        blobs_.remove(string_member(part, "blob"));
    }
    uploads_.erase(upload_scope(bucket), id);
}

std::vector<Bucket*> Store::buckets_of(const Scope* scope) {
    std::vector<Bucket*> found;
    for (const auto& [key, bucket] : buckets_) {
        const bool is_of_scope =
            scope == nullptr || (bucket->account == scope->account &&
                                 string_member(bucket->document, "region") == scope->region);
        if (is_of_scope) found.push_back(bucket.get());
    }
    return found;
}

void Store::clear_objects(const Scope* scope) {
    for (Bucket* bucket : buckets_of(scope)) clear(*bucket);
}

void Store::reset(const Scope* scope) {
    for (Bucket* bucket : buckets_of(scope)) remove(*bucket);
}

}  // namespace skafu::s3
