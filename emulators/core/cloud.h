#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/admin.h"
#include "core/clock.h"
#include "core/database.h"
#include "core/entropy.h"
#include "core/journal.h"
#include "core/resource.h"
#include "core/service.h"
#include "core/task.h"

namespace boost::asio {
class thread_pool;
}

namespace skafu {

/// What the process was started with, as far as emulators need to know.
struct Settings {
    std::string host = "localhost";  ///< that clients use; part of URLs we give out
    std::uint16_t port = 4566;
    std::string account = "000000000000";
    std::string region = "us-east-1";
    std::filesystem::path data_dir;  ///< empty: everything in memory
    bool strict = false;             ///< AWS's way also where ours is kinder
    bool lenient = false;            ///< accept and record what we cannot do
    bool fix_handlers = false;       ///< use the only candidate where a handler is misnamed
    std::uint64_t seed = 0;          ///< of Entropy; 0 = random
    std::map<std::string, std::string> upstreams;  ///< service -> URL

    std::string endpoint() const;  ///< "http://localhost:4566"
};

/// One wish to a service, whoever has it.
struct Call {
    std::string_view service;    ///< must outlive the call
    std::string_view operation;  ///< must outlive the call
    Document input;
    Caller caller;
    ActivityId cause = 0;
    std::string request_id;  ///< empty: one is made
};

/// The house: its services, and the one door through which all work goes.
class Cloud {
  public:
    Cloud(boost::asio::io_context& io, Settings settings, std::unique_ptr<HttpTransport> transport);
    ~Cloud();
    Cloud(const Cloud&) = delete;
    Cloud& operator=(const Cloud&) = delete;

    // The world.
    boost::asio::io_context& io() { return io_; }
    Clock& clock() { return clock_; }
    Entropy& entropy() { return entropy_; }
    Journal& journal() { return journal_; }
    Database& database() { return *database_; }
    HttpTransport& http() { return *transport_; }
    Settings& settings() { return settings_; }
    AdminRoutes& admin() { return admin_; }
    ResourceTypes& resource_types() { return resource_types_; }
    /// For work that blocks (spawning, hashing, unzipping); see in_background.
    boost::asio::thread_pool& blocking_pool();

    // The services.
    Service& add_service(Service service);
    const Service* find_service(std::string_view name) const;
    /// By the name that Step Functions' aws-sdk integrations use, or our own.
    const Service* find_service_by_sdk_name(std::string_view name) const;
    const std::vector<std::unique_ptr<Service>>& services() const { return services_; }

    // The door. Both throw AwsError; an unknown service or operation is UnknownOperationException.
    Task<Document> call(Call call);
    /// For operations whose handler is synchronous; std::logic_error for others.
    Document call_now(Call call);
    /// The row that a call would take, to ask beforehand whether it is synchronous.
    const Operation* find_operation(std::string_view service, std::string_view operation) const;

    // Conveniences for emulators.
    /// The call with JSON in and out.
    Task<Json> call_json(std::string_view service, std::string_view operation, Json input,
                         Caller caller, ActivityId cause);
    /// Runs a coroutine that belongs to nobody in particular for as long as the house stands;
    /// its errors are logged.
    void spawn(Task<void> task);
    /// Puts an event of a service onto the default bus ("aws.s3", "Object Created", …), if the
    /// events service is there; it returns at once.
    void emit_event(const Caller& caller, std::string_view source, std::string_view detail_type,
                    Json detail, Json resources, ActivityId cause);
    /// Runs `work` on the blocking pool; the loop goes on meanwhile. Rethrows what it throws.
    template <class T>
    Task<T> in_background(std::function<T()> work);
    /// Keeps an emulator's object alive as long as the house stands.
    template <class T>
    T& own(std::unique_ptr<T> object) {
        T& reference = *object;
        owned_.push_back(std::shared_ptr<void>(std::move(object)));
        return reference;
    }

    /// Empties the data of all services: of one scope, or everything when nullptr.
    void reset(const Scope* scope);
    /// Called at shutdown, before anything is destroyed: stop processes, close listeners.
    void on_shutdown(std::function<void()> action);
    void shutdown();

  private:
    const Operation& find_or_throw(std::string_view service, std::string_view operation) const;
    void check_input(const Service& service, const Operation& operation,
                     const Document& input) const;
    Task<void> run_in_background(std::function<void()> work);

    boost::asio::io_context& io_;
    Settings settings_;
    std::unique_ptr<HttpTransport> transport_;
    Clock clock_;
    Entropy entropy_;
    Journal journal_;
    std::unique_ptr<Database> database_;
    AdminRoutes admin_;
    ResourceTypes resource_types_;
    std::vector<std::unique_ptr<Service>> services_;
    std::map<std::string, Service*, std::less<>> by_name_;
    std::map<std::string, Service*, std::less<>> by_sdk_name_;
    std::unique_ptr<boost::asio::thread_pool> pool_;
    std::vector<std::shared_ptr<void>> owned_;
    std::vector<std::function<void()>> on_shutdown_;
    std::unique_ptr<TaskGroup> tasks_;
};

template <class T>
Task<T> Cloud::in_background(std::function<T()> work) {
    if constexpr (std::is_void_v<T>) {
        co_await run_in_background(std::move(work));
    } else {
        auto result = std::make_shared<std::optional<T>>();
        std::function<void()> job = [result, work = std::move(work)] { result->emplace(work()); };
        co_await run_in_background(std::move(job));
        co_return std::move(**result);
    }
}

}  // namespace skafu
