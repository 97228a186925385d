#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/cloud.h"
#include "core/collection.h"
#include "s3/blobs.h"

namespace skafu::s3 {

/// One version of an object, or a delete marker.
struct ObjectVersion {
    std::uint64_t sequence = 0;       ///< of its row; greater is newer
    std::string version_id = "null";  ///< "null" while the bucket is not versioned
    bool is_delete_marker = false;
    std::string blob;
    std::uint64_t size = 0;
    std::string etag;  ///< with quotes
    std::int64_t modified_ms = 0;
    /// {Headers: {ContentType …}, Metadata, Tags, Checksums, ChecksumType, PartSizes}
    Json info = Json::object();
};

enum class Versioning { kOff, kEnabled, kSuspended };

/// A bucket's objects: all versions of each key, the newest first.
using Versions = std::vector<ObjectVersion>;
using Keys = std::map<std::string, Versions, std::less<>>;

struct Bucket {
    std::string account;
    std::string name;
    Json document;  ///< {region, created, versioning, configuration: {kind: document or XML}}
    Keys keys;

    Versioning versioning() const;
    std::string arn() const { return "arn:aws:s3:::" + name; }
};

/// All buckets of all accounts, their objects, and uploads in progress.
class Store {
  public:
    explicit Store(Cloud& cloud);

    Cloud& cloud() const { return cloud_; }
    Blobs& blobs() { return blobs_; }
    std::int64_t now_ms() const { return epoch_millis(cloud_.clock().now()); }

    Bucket* find(std::string_view account, std::string_view name);
    /// Throws NoSuchBucket.
    Bucket& require(const Caller& caller, std::string_view name);
    Bucket& create(const Caller& caller, const std::string& name, Json document);
    void save(const Bucket& bucket);
    /// With everything in it.
    void remove(Bucket& bucket);
    void for_each(std::string_view account, const std::function<void(const Bucket&)>& visit) const;

    /// The newest version, or nullptr where there is none or it is a delete marker.
    const ObjectVersion* latest(const Bucket& bucket, std::string_view key) const;
    /// Throws NoSuchVersion.
    ObjectVersion& require_version(Bucket& bucket, std::string_view key, std::string_view version);
    /// Adds a version by the bucket's versioning; an unversioned one replaces "null".
    const ObjectVersion& add(Bucket& bucket, const std::string& key, ObjectVersion version);
    /// After its `info` was changed.
    void update(const ObjectVersion& version);
    bool remove_version(Bucket& bucket, std::string_view key, std::string_view version);

    /// Uploads in progress; keys are upload ids.
    Collection& uploads() { return uploads_; }
    static Scope upload_scope(const Bucket& bucket) { return {bucket.account, bucket.name}; }
    void remove_upload(const Bucket& bucket, const std::string& id);

    /// Empties the buckets of one scope, or all when nullptr.
    void clear_objects(const Scope* scope);
    /// Removes the buckets too.
    void reset(const Scope* scope);

  private:
    using Buckets = std::map<std::pair<std::string, std::string>, std::unique_ptr<Bucket>>;
    void load();
    std::vector<Bucket*> buckets_of(const Scope* scope);
    void clear(Bucket& bucket);
    void load_objects();
    void insert_row(const Bucket& bucket, const std::string& key, const ObjectVersion& version);
    void drop(const ObjectVersion& version);

    Cloud& cloud_;
    Blobs blobs_;
    Collection documents_;
    Collection uploads_;
    Statement insert_;
    Statement update_;
    Statement delete_;
    Buckets buckets_;
    std::uint64_t last_sequence_ = 0;
};

}  // namespace skafu::s3
