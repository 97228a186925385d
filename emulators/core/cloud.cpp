#include "core/cloud.h"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include "core/aws_error.h"
#include "core/log.h"

namespace skafu {

std::string Settings::endpoint() const {
    return fmt::format("http://{}:{}", host, port);
}

namespace {

std::filesystem::path database_file(const Settings& settings) {
    if (settings.data_dir.empty()) return {};
    std::error_code fault;
    std::filesystem::create_directories(settings.data_dir, fault);
    if (!std::filesystem::is_directory(settings.data_dir)) {
        throw std::runtime_error(fmt::format("--data-dir {}: the folder cannot be made: {}",
                                             settings.data_dir.string(), fault.message()));
    }
    return settings.data_dir / "skafu.db";
}

constexpr std::size_t kBlockingThreads = 2;

}  // namespace

Cloud::Cloud(boost::asio::io_context& io, Settings settings,
             std::unique_ptr<HttpTransport> transport)
    : io_(io),
      settings_(std::move(settings)),
      transport_(std::move(transport)),
      clock_(io),
      entropy_(settings_.seed),
      journal_(io, clock_),
      database_(std::make_unique<Database>(io, database_file(settings_))),
      tasks_(std::make_unique<TaskGroup>(io)) {}

Cloud::~Cloud() {
    if (pool_) pool_->join();
}

boost::asio::thread_pool& Cloud::blocking_pool() {
    if (!pool_) pool_ = std::make_unique<boost::asio::thread_pool>(kBlockingThreads);
    return *pool_;
}

Service& Cloud::add_service(Service service) {
    services_.push_back(std::make_unique<Service>(std::move(service)));
    Service& added = *services_.back();
    if (!by_name_.emplace(added.name, &added).second) {
        throw std::logic_error("service " + added.name + " is registered twice");
    }
    for (const std::string& name : added.sdk_names) by_sdk_name_.emplace(name, &added);
    return added;
}

const Service* Cloud::find_service(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
}

const Service* Cloud::find_service_by_sdk_name(std::string_view name) const {
    const auto found = by_sdk_name_.find(name);
    return found == by_sdk_name_.end() ? find_service(name) : found->second;
}

const Operation* Cloud::find_operation(std::string_view service, std::string_view operation) const {
    const Service* found = find_service(service);
    return found == nullptr ? nullptr : found->find(operation);
}

const Operation& Cloud::find_or_throw(std::string_view service, std::string_view operation) const {
    const Operation* found = find_operation(service, operation);
    if (found == nullptr) {
        throw AwsError::unknown_operation(
            find_service(service) == nullptr
                ? fmt::format("Service {} is not emulated (asked for {}).", service, operation)
                : fmt::format("Operation {} of service {} is not emulated.", operation, service));
    }
    return *found;
}

void Cloud::check_input(const Service& service, const Operation& operation,
                        const Document& input) const {
    if (operation.validates_itself || operation.input->type == Shape::Type::any) return;
    try {
        validate(operation.input, input.value());
    } catch (const AwsError& error) {
        if (error.code() == "ValidationException" && service.validation_code != error.code()) {
            throw AwsError(service.validation_code, error.message());
        }
        throw;
    }
}

Document Cloud::call_now(Call call) {
    const Operation& operation = find_or_throw(call.service, call.operation);
    if (!operation.handler) {
        throw std::logic_error(operation.name + " is asynchronous: use call()");
    }
    const Service& service = *find_service(call.service);
    Activity activity =
        journal_.begin_call(service.name, operation.name, call.cause, operation.counting);
    if (call.request_id.empty()) call.request_id = entropy_.uuid();
    Context context{*this, call.caller, activity, call.request_id, operation.name};
    try {
        check_input(service, operation, call.input);
        return operation.handler(context, std::move(call.input));
    } catch (const AwsError& error) {
        activity.fail(error.code(), error.message());
        throw;
    } catch (const JsonError& error) {
        activity.fail("SerializationException", error.what());
        throw AwsError::serialization("The request body is not valid JSON.");
    } catch (const DatabaseError& error) {
        activity.fail("InternalServerError", error.what());
        log::error("{}:{} request {}: {}", call.service, call.operation, call.request_id,
                   error.what());
        throw AwsError("InternalServerError", "The data could not be stored or read.", 500);
    } catch (const std::exception& error) {
        activity.fail("InternalFailure", error.what());
        log::error("{}:{} request {}: {}", call.service, call.operation, call.request_id,
                   error.what());
        throw AwsError::internal(
            "The request processing has failed because of an unknown error, "
            "exception or failure.");
    }
}

Task<Document> Cloud::call(Call call) {
    const Operation& operation = find_or_throw(call.service, call.operation);
    if (operation.handler) co_return call_now(std::move(call));
    const Service& service = *find_service(call.service);
    Activity activity =
        journal_.begin_call(service.name, operation.name, call.cause, operation.counting);
    if (call.request_id.empty()) call.request_id = entropy_.uuid();
    Context context{*this, call.caller, activity, call.request_id, operation.name};
    try {
        check_input(service, operation, call.input);
        Document result = co_await operation.async_handler(context, std::move(call.input));
        co_return result;
    } catch (const AwsError& error) {
        activity.fail(error.code(), error.message());
        throw;
    } catch (const JsonError& error) {
        activity.fail("SerializationException", error.what());
        throw AwsError::serialization("The request body is not valid JSON.");
    } catch (const boost::system::system_error& error) {
        activity.fail("Cancelled", error.what());
        throw;
    } catch (const DatabaseError& error) {
        activity.fail("InternalServerError", error.what());
        log::error("{}:{} request {}: {}", call.service, call.operation, call.request_id,
                   error.what());
        throw AwsError("InternalServerError", "The data could not be stored or read.", 500);
    } catch (const std::exception& error) {
        activity.fail("InternalFailure", error.what());
        log::error("{}:{} request {}: {}", call.service, call.operation, call.request_id,
                   error.what());
        throw AwsError::internal(
            "The request processing has failed because of an unknown error, "
            "exception or failure.");
    }
}

Task<Json> Cloud::call_json(std::string_view service, std::string_view operation, Json input,
                            Caller caller, ActivityId cause) {
    Call wish{service, operation, Document(std::move(input)), std::move(caller), cause, {}};
    Document result = co_await call(std::move(wish));
    co_return result.take_value();
}

void Cloud::spawn(Task<void> task) {
    tasks_->spawn(std::move(task));
}

void Cloud::emit_event(const Caller& caller, std::string_view source, std::string_view detail_type,
                       Json detail, Json resources, ActivityId cause) {
    if (find_operation("events", "EmitEvents") == nullptr) return;
    Json entry = {{"Source", source},
                  {"DetailType", detail_type},
                  {"Detail", to_text(detail)},
                  {"Resources", std::move(resources)}};
    Json input = {{"Entries", Json::array({std::move(entry)})}};
    Caller service = caller;
    service.principal = fmt::format("{}.amazonaws.com", source.substr(source.find('.') + 1));
    call_now({"events", "EmitEvents", Document(std::move(input)), std::move(service), cause, {}});
}

Task<void> Cloud::run_in_background(std::function<void()> work) {
    const Clock::Busy busy(clock_);
    struct Job {
        explicit Job(boost::asio::io_context& io) : done(io) {}
        Event done;
        bool finished = false;
        std::exception_ptr error;
    };
    auto job = std::make_shared<Job>(io_);
    auto keep_running = boost::asio::make_work_guard(io_);
    boost::asio::post(blocking_pool(), [this, job, keep_running, work = std::move(work)] {
        try {
            work();
        } catch (...) {
            job->error = std::current_exception();
        }
        boost::asio::post(io_, [job] {
            job->finished = true;
            job->done.notify_all();
        });
    });
    while (!job->finished) co_await job->done.wait();
    if (job->error) std::rethrow_exception(job->error);
}

void Cloud::reset(const Scope* scope) {
    for (const std::unique_ptr<Service>& service : services_) {
        if (service->reset) service->reset(scope);
    }
    if (scope == nullptr) journal_.clear();
}

void Cloud::on_shutdown(std::function<void()> action) {
    on_shutdown_.push_back(std::move(action));
}

void Cloud::shutdown() {
    for (const std::function<void()>& action : on_shutdown_) action();
    on_shutdown_.clear();
    tasks_->cancel();
    database_->close();
}

}  // namespace skafu
