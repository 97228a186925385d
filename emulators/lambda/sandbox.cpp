#include "lambda/sandbox.h"

#include <system_error>

#include <boost/asio/steady_timer.hpp>

#include "core/aws_error.h"
#include "core/log.h"
#include "core/wall_clock.h"

namespace skafu::lambda {

namespace {

constexpr std::string_view kApi = "/2018-06-01/runtime/";
/// AWS gives the init phase ten seconds, and tries once more within the function's timeout.
constexpr std::chrono::seconds kInitLimit{10};
constexpr std::chrono::milliseconds kMemoryInterval{100};
constexpr std::size_t kMaxResponse = 6'291'556;  // 6 MB and a little, as AWS's own text says

HttpResponse accepted() {
    HttpResponse response;
    response.status = 202;
    response.headers.add("Content-Type", "application/json");
    response.body = R"({"status":"OK"})";
    return response;
}

HttpResponse refused(int status, std::string_view type, std::string_view message) {
    HttpResponse response;
    response.status = status;
    response.headers.add("Content-Type", "application/json");
    response.body = to_text({{"errorMessage", message}, {"errorType", type}});
    return response;
}

std::string error_document(std::string_view type, std::string_view request_id,
                           std::string_view message) {
    return to_text({{"errorType", type},
                    {"errorMessage", fmt::format("RequestId: {} Error: {}", request_id, message)}});
}

std::string error_type_of(const HttpRequest& request) {
    const std::string_view header = request.headers.get("Lambda-Runtime-Function-Error-Type");
    if (!header.empty()) return std::string(header);
    try {
        return string_member(parse_json(request.body), "errorType", "Unhandled");
    } catch (const JsonError&) {
        return "Unhandled";
    }
}

}  // namespace

/// Real time, not Clock's: the process lives in it.
struct Sandbox::Timer {
    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>, Executor>
        timer;
};

Sandbox::Sandbox(Cloud& cloud, std::shared_ptr<const FunctionSpec> spec, Owner owner)
    : cloud_(cloud),
      spec_(std::move(spec)),
      owner_(std::move(owner)),
      log_(cloud, spec_),
      splitter_([this](std::string event) { log_.print(std::move(event)); }),
      work_(cloud.io()),
      timer_(std::make_unique<Timer>(Timer{decltype(Timer::timer)(cloud.io().get_executor())})) {}

Sandbox::~Sandbox() = default;

std::vector<std::string> Sandbox::environment() const {
    const FunctionSpec& spec = *spec_;
    std::string layer_roots;
    std::string path = "/usr/local/bin:/usr/bin:/bin";
    std::string libraries = fmt::format("{0}:{0}/lib", spec.task_root);
    std::string node_path = "/usr/share/nodejs:/usr/lib/node_modules:/usr/local/lib/node_modules";
    for (const std::string& root : spec.layer_roots) {
        layer_roots += (layer_roots.empty() ? "" : ":") + root;
        path += fmt::format(":{}/bin", root);
        libraries += fmt::format(":{}/lib", root);
        node_path = fmt::format("{}/nodejs/node_modules:{}", root, node_path);
    }
    std::map<std::string, std::string> variables = {
        {"AWS_ACCESS_KEY_ID", spec.scope.account},
        {"AWS_DEFAULT_REGION", spec.scope.region},
        {"AWS_ENDPOINT_URL", fmt::format("http://127.0.0.1:{}", cloud_.settings().port)},
        {"AWS_EXECUTION_ENV", "AWS_Lambda_" + spec.runtime},
        {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", std::to_string(spec.memory_megabytes)},
        {"AWS_LAMBDA_FUNCTION_NAME", spec.name},
        {"AWS_LAMBDA_FUNCTION_VERSION", spec.version},
        {"AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"},
        {"AWS_LAMBDA_LOG_FORMAT", spec.log_format},
        {"AWS_LAMBDA_LOG_GROUP_NAME", spec.log_group},
        {"AWS_LAMBDA_LOG_STREAM_NAME", log_.stream()},
        {"AWS_REGION", spec.scope.region},
        {"AWS_SECRET_ACCESS_KEY", "local"},
        {"AWS_SESSION_TOKEN", "local"},
        {"AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"},
        {"HOME", "/tmp"},
        {"LAMBDA_RUNTIME_DIR", "/var/runtime"},
        {"LANG", "en_US.UTF-8"},
        {"LD_LIBRARY_PATH", libraries},
        {"NODE_PATH", node_path},
        {"PATH", path},
        {"POWERTOOLS_TRACE_DISABLED", "true"},
        {"SKAFU_LAYER_ROOTS", layer_roots},
        {"TZ", ":UTC"},
        {"_HANDLER", spec.handler},
    };
    if (spec.in_user_folder) variables["SKAFU_USER_FOLDER"] = "1";
    if (!spec.log_level.empty()) variables["AWS_LAMBDA_LOG_LEVEL"] = spec.log_level;
    for (const auto& [name, value] : spec.variables) variables[name] = value;
    variables["AWS_LAMBDA_RUNTIME_API"] = fmt::format("127.0.0.1:{}", listener_->port());
    variables["LAMBDA_TASK_ROOT"] = spec.task_root;
    std::vector<std::string> list;
    list.reserve(variables.size());
    for (const auto& [name, value] : variables) list.push_back(name + "=" + value);
    return list;
}

Process::Command Sandbox::command(RuntimeFiles& files) const {
    Process::Command command;
    command.arguments = files.command(spec_->runtime, spec_->task_root, spec_->layer_roots);
    command.environment = environment();
    command.folder = spec_->task_root;
    return command;
}

Task<void> Sandbox::start(RuntimeFiles& files) {
    const std::shared_ptr<Sandbox> self = shared_from_this();
    log_.init_start();
    std::string why;
    try {
        listener_ = cloud_.http().listen_loopback(
            [weak = weak_from_this()](HttpRequest request) -> Task<HttpResponse> {
                return handle_for(weak.lock(), std::move(request));
            });
        Process::Command wanted = command(files);
        if (wanted.arguments.empty()) {
            why = fmt::format("no program runs {} functions here", spec_->runtime);
        } else {
            Process::Listener listener{[this](std::string_view bytes) { splitter_.take(bytes); },
                                       [weak = weak_from_this()](ExitStatus status) {
                                           if (const std::shared_ptr<Sandbox> alive = weak.lock())
                                               alive->on_exit(status);
                                       }};
            process_ = co_await Process::start(cloud_, std::move(wanted), std::move(listener));
        }
    } catch (const std::exception& error) {
        why = error.what();
    }
    if (!why.empty()) {
        log::warn("function {}: {}", spec_->name, why);
        start_failed(error_document("Runtime.InvalidEntrypoint", "{}", why),
                     "Runtime.InvalidEntrypoint");
        co_return;
    }
    if (state_ == State::gone) {
        process_->kill();
    } else if (state_ == State::starting) {
        arm(std::max(kInitLimit, std::chrono::seconds(spec_->timeout_seconds)));
    }
}

void Sandbox::arm(std::chrono::seconds limit) {
    timer_->timer.expires_after(limit);
    timer_->timer.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
        const std::shared_ptr<Sandbox> self = weak.lock();
        if (!error && self) self->on_timeout();
    });
}

Task<HttpResponse> Sandbox::handle_for(std::shared_ptr<Sandbox> self, HttpRequest request) {
    if (!self) co_return refused(410, "Gone", "the sandbox is gone");
    const std::string path(request.path());
    if (!path.starts_with(kApi)) co_return refused(404, "NotFound", "no such path");
    const std::string_view rest = std::string_view(path).substr(kApi.size());
    if (request.method == "GET" && rest == "invocation/next") {
        HttpResponse event = co_await next(self);
        co_return event;
    }
    if (request.method == "POST" && rest == "init/error") {
        co_return self->take_init_error(std::move(request));
    }
    constexpr std::string_view kInvocation = "invocation/";
    const std::size_t slash = rest.rfind('/');
    if (request.method == "POST" && rest.starts_with(kInvocation) && slash > kInvocation.size()) {
        const std::string id(rest.substr(kInvocation.size(), slash - kInvocation.size()));
        const std::string_view kind = rest.substr(slash + 1);
        if (kind == "response" || kind == "error") {
            co_return self->take_answer(id, kind, std::move(request));
        }
    }
    co_return refused(404, "NotFound", "no such path");
}

Task<HttpResponse> Sandbox::next(std::shared_ptr<Sandbox> self) {
    if (self->state_ == State::starting) {
        self->timer_->timer.cancel();
        self->init_duration_ = self->since_start_.elapsed();
    }
    if (self->state_ == State::starting || self->state_ == State::answered) {
        self->state_ = State::ready;
        self->idle_since_ = self->cloud_.clock().now();
        self->owner_.on_ready(self);
        self->new_ = false;
    }
    while (self->state_ != State::gone && (!self->current_ || self->delivered_)) {
        co_await self->work_.wait();
    }
    if (self->state_ == State::gone) co_return refused(410, "Gone", "the sandbox is gone");
    self->delivered_ = true;
    co_return self->event_response();
}

HttpResponse Sandbox::event_response() const {
    HttpResponse response;
    response.headers.add("Content-Type", "application/json");
    response.headers.add("Lambda-Runtime-Aws-Request-Id", current_->request_id);
    response.headers.add("Lambda-Runtime-Invoked-Function-Arn", current_->invoked_arn);
    response.headers.add("Lambda-Runtime-Trace-Id", current_->trace_id);
    response.headers.add("Lambda-Runtime-Deadline-Ms",
                         std::to_string(wall_clock_millis() + spec_->timeout_seconds * 1000));
    if (!current_->client_context.empty()) {
        response.headers.add("Lambda-Runtime-Client-Context", current_->client_context);
    }
    response.body = std::move(current_->payload);
    return response;
}

void Sandbox::assign(std::shared_ptr<Invocation> invocation) {
    state_ = State::busy;
    current_ = std::move(invocation);
    delivered_ = false;
    since_assigned_ = Stopwatch();
    log_.start(current_->request_id);
    arm(std::chrono::seconds(spec_->timeout_seconds));
    work_.notify_all();
}

HttpResponse Sandbox::take_answer(const std::string& request_id, std::string_view kind,
                                  HttpRequest request) {
    if (!current_ || current_->request_id != request_id) {
        return refused(400, "InvalidRequestID", "Invalid request ID");
    }
    Outcome outcome;
    if (kind == "error") {
        outcome.error = "Unhandled";
        outcome.payload = std::move(request.body);
    } else if (request.body.size() > kMaxResponse) {
        outcome.error = "Unhandled";
        outcome.payload = to_text(
            {{"errorType", "Function.ResponseSizeTooLarge"},
             {"errorMessage",
              fmt::format("Response payload size exceeded maximum allowed payload size ({} bytes).",
                          kMaxResponse)}});
    } else {
        outcome.payload = std::move(request.body);
    }
    end_invocation(std::move(outcome), "", "");
    return accepted();
}

HttpResponse Sandbox::take_init_error(HttpRequest request) {
    if (state_ != State::starting)
        return refused(403, "InvalidStateTransition", "not initializing");
    const std::string type = error_type_of(request);
    process_->drain();
    log_.init_failed(since_start_.elapsed(), "error", type);
    start_failed(std::move(request.body), type);
    return accepted();
}

void Sandbox::start_failed(std::string document, std::string error_type) {
    if (state_ != State::starting) return;
    splitter_.flush();
    start_failure_ = std::move(document);
    start_error_type_ = std::move(error_type);
    state_ = State::gone;
    timer_->timer.cancel();
    if (process_) process_->kill();
    owner_.on_start_failed(shared_from_this());
}

void Sandbox::fail_start(Invocation& invocation) {
    log_.start(invocation.request_id);
    Report report;
    report.duration = since_start_.elapsed();
    report.status = start_error_type_ == "Sandbox.Timedout" ? "timeout" : "error";
    if (report.status == "error") report.error_type = start_error_type_;
    log_.end(invocation.request_id, report);
    log_.flush(invocation.activity);
    Outcome outcome;
    outcome.error = "Unhandled";
    outcome.log_tail = log_.tail();
    outcome.payload = start_failure_;
    // Documents of our own name the request, which was not known when the start failed.
    constexpr std::string_view kUnnamed = "RequestId: {} Error";
    if (const std::size_t at = outcome.payload.find(kUnnamed); at != std::string::npos) {
        outcome.payload.replace(at, kUnnamed.size(),
                                fmt::format("RequestId: {} Error", invocation.request_id));
    }
    invocation.finish(std::move(outcome));
}

void Sandbox::end_invocation(Outcome outcome, std::string status, std::string error_type) {
    timer_->timer.cancel();
    if (process_) process_->drain();
    splitter_.flush();
    Report report;
    report.duration = since_assigned_.elapsed();
    report.init_duration = std::exchange(init_duration_, Duration(0));
    report.memory_used = memory_used();
    report.status = std::move(status);
    report.error_type = std::move(error_type);
    log_.end(current_->request_id, report);
    if (report.status == "timeout") log_.timed_out(current_->request_id);
    log_.flush(current_->activity);
    outcome.log_tail = log_.tail();
    state_ = State::answered;
    const std::shared_ptr<Invocation> invocation = std::exchange(current_, nullptr);
    invocation->finish(std::move(outcome));
}

/// The peak so far. Reading it takes the kernel longer than a small function runs, so not each
/// invocation does.
int Sandbox::memory_used() {
    if (process_ && (memory_used_ == 0 || since_memory_read_.elapsed() > kMemoryInterval)) {
        memory_used_ = process_->peak_memory();
        since_memory_read_ = Stopwatch();
    }
    return memory_used_;
}

void Sandbox::on_timeout() {
    const std::string message = fmt::format("Task timed out after {:.2f} seconds",
                                            static_cast<double>(spec_->timeout_seconds));
    if (state_ == State::starting) {
        if (process_) process_->drain();
        log_.init_failed(since_start_.elapsed(), "timeout", "");
        start_failed(error_document("Sandbox.Timedout", "{}", message), "Sandbox.Timedout");
        return;
    }
    if (state_ != State::busy) return;
    Outcome outcome;
    outcome.error = "Unhandled";
    outcome.payload = error_document("Sandbox.Timedout", current_->request_id, message);
    end_invocation(std::move(outcome), "timeout", "");
    stop();
}

void Sandbox::on_exit(ExitStatus status) {
    const std::string message = status.code == 0 && status.signal == 0
                                    ? "Runtime exited without providing a reason"
                                    : "Runtime exited with error: " + status.text();
    if (state_ == State::starting) {
        splitter_.flush();
        log_.init_failed(since_start_.elapsed(), "error", "Runtime.ExitError");
        start_failed(error_document("Runtime.ExitError", "{}", message), "Runtime.ExitError");
        return;
    }
    if (state_ == State::busy) {
        Outcome outcome;
        outcome.error = "Unhandled";
        outcome.payload = error_document("Runtime.ExitError", current_->request_id, message);
        end_invocation(std::move(outcome), "error", "Runtime.ExitError");
    }
    stop();
}

void Sandbox::stop() {
    if (state_ == State::gone) return;
    const std::shared_ptr<Sandbox> self = shared_from_this();
    if (state_ == State::starting) {
        start_failed(error_document("Runtime.ExitError", "{}", "the sandbox was stopped"),
                     "Runtime.ExitError");
        return;
    }
    if (state_ == State::busy) {
        Outcome outcome;
        outcome.error = "Unhandled";
        outcome.payload = error_document("Runtime.ExitError", current_->request_id,
                                         "Runtime exited with error: signal: killed");
        end_invocation(std::move(outcome), "error", "Runtime.ExitError");
    }
    state_ = State::gone;
    timer_->timer.cancel();
    if (process_) process_->kill();
    work_.notify_all();
    owner_.on_gone(self);
}

}  // namespace skafu::lambda
