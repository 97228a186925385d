#include "lambda/invoker.h"

#include "core/log.h"
#include "core/trace.h"

namespace skafu::lambda {

namespace {

/// AWS allows 1000 per account; these are real processes on one machine.
constexpr std::size_t kMaxProcesses = 100;
/// Starting is mostly processor time: more at once only delays the first.
constexpr int kMaxStarting = 4;
constexpr std::chrono::minutes kIdleLimit{10};
constexpr std::chrono::minutes kSweepInterval{1};

}  // namespace

Invoker::Invoker(Cloud& cloud, CodeStore& code) : cloud_(cloud), code_(code) {
    cloud.on_shutdown([this] {
        stopped_ = true;
        stop_all();
    });
}

Invoker::~Invoker() = default;

Invoker::Key Invoker::key_of(const FunctionSpec& spec) {
    return {spec.scope, spec.name, spec.version};
}

int Invoker::in_flight(const Scope& scope, const std::string& name) const {
    const auto found = in_flight_.find({scope, name});
    return found == in_flight_.end() ? 0 : found->second;
}

Task<Outcome> Invoker::invoke(std::shared_ptr<const FunctionSpec> spec, InvocationRequest request) {
    Activity activity =
        cloud_.journal().begin(ActivityKind::invocation, request.invoked_arn, request.cause);
    auto invocation = std::make_shared<Invocation>(cloud_.io(), cloud_.clock());
    invocation->request_id = std::move(request.request_id);
    invocation->payload = std::move(request.payload);
    invocation->invoked_arn = std::move(request.invoked_arn);
    invocation->client_context = std::move(request.client_context);
    invocation->activity = activity.id();
    invocation->trace_id = make_trace_id(cloud_.clock().now(), cloud_.entropy(), activity.id());

    const std::pair<Scope, std::string> function{spec->scope, spec->name};
    ++in_flight_[function];
    Pool& pool = pool_for(spec);
    if (!pool.idle.empty()) {
        const SandboxPtr sandbox = std::move(pool.idle.back());
        pool.idle.pop_back();
        sandbox->assign(invocation);
    } else {
        pool.queue.push_back(invocation);
        start_sandboxes();
    }
    while (!invocation->finished) co_await invocation->done.wait();
    if (--in_flight_[function] == 0) in_flight_.erase(function);
    if (!invocation->outcome.error.empty()) {
        activity.fail(invocation->outcome.error, invocation->outcome.payload);
    }
    co_return std::move(invocation->outcome);
}

Invoker::Pool& Invoker::pool_for(const std::shared_ptr<const FunctionSpec>& spec) {
    Pool& pool = pools_[key_of(*spec)];
    if (pool.spec && pool.spec->fingerprint != spec->fingerprint) retire_idle(pool);
    pool.spec = spec;
    pool.retired = false;
    return pool;
}

void Invoker::retire_idle(Pool& pool) {
    for (const SandboxPtr& sandbox : std::exchange(pool.idle, {})) sandbox->stop();
}

void Invoker::start_sandboxes() {
    for (auto& [key, pool] : pools_) {
        while (static_cast<int>(pool.queue.size()) > pool.starting && starting_ < kMaxStarting &&
               !stopped_ && make_room()) {
            start_one(pool);
        }
    }
}

/// True where one more process may start; an idle one of another function makes place for it.
bool Invoker::make_room() {
    if (processes_ < kMaxProcesses) return true;
    for (auto& [key, pool] : pools_) {
        if (pool.idle.empty()) continue;
        const SandboxPtr oldest = pool.idle.front();
        pool.idle.erase(pool.idle.begin());
        oldest->stop();
        return true;
    }
    return false;
}

void Invoker::start_one(Pool& pool) {
    if (!files_) files_.emplace(code_.runtime_folder());
    Sandbox::Owner owner{
        [this](const SandboxPtr& sandbox) { on_ready(sandbox); },
        [this](const SandboxPtr& sandbox) { on_start_failed(sandbox); },
        [this](const SandboxPtr& sandbox) { on_gone(sandbox); },
    };
    auto sandbox = std::make_shared<Sandbox>(cloud_, pool.spec, std::move(owner));
    pool.all.push_back(sandbox);
    ++pool.starting;
    ++starting_;
    ++processes_;
    cloud_.spawn(sandbox->start(*files_));
}

void Invoker::on_ready(const SandboxPtr& sandbox) {
    Pool& pool = pools_[key_of(*sandbox->spec())];
    if (sandbox->is_new()) {
        --pool.starting;
        --starting_;
    }
    if (pool.spec->fingerprint != sandbox->spec()->fingerprint || stopped_) {
        sandbox->stop();  // of code that has been replaced meanwhile
    } else if (!pool.queue.empty()) {
        const std::shared_ptr<Invocation> next = std::move(pool.queue.front());
        pool.queue.pop_front();
        sandbox->assign(next);
    } else if (pool.retired) {
        sandbox->stop();
    } else {
        pool.idle.push_back(sandbox);
        arm_sweep();
    }
    start_sandboxes();
}

void Invoker::on_start_failed(const SandboxPtr& sandbox) {
    Pool& pool = pools_[key_of(*sandbox->spec())];
    --pool.starting;
    --starting_;
    forget(pool, sandbox);
    if (!pool.queue.empty()) {
        const std::shared_ptr<Invocation> first = std::move(pool.queue.front());
        pool.queue.pop_front();
        sandbox->fail_start(*first);
    }
    start_sandboxes();
}

void Invoker::on_gone(const SandboxPtr& sandbox) {
    Pool& pool = pools_[key_of(*sandbox->spec())];
    forget(pool, sandbox);
    start_sandboxes();
}

void Invoker::forget(Pool& pool, const SandboxPtr& sandbox) {
    std::erase(pool.idle, sandbox);
    if (std::erase(pool.all, sandbox) > 0) --processes_;
}

void Invoker::drop(const Scope& scope, const std::string& name) {
    for (auto& [key, pool] : pools_) {
        if (std::get<0>(key) != scope || std::get<1>(key) != name) continue;
        pool.retired = true;
        retire_idle(pool);
    }
}

void Invoker::drop_scope(const Scope* scope) {
    for (auto& [key, pool] : pools_) {
        if (scope != nullptr && std::get<0>(key) != *scope) continue;
        pool.retired = true;
        retire_idle(pool);
    }
}

void Invoker::stop_all() {
    for (auto& [key, pool] : pools_) {
        pool.idle.clear();
        const std::vector<SandboxPtr> all = pool.all;
        for (const SandboxPtr& sandbox : all) sandbox->stop();
    }
}

void Invoker::arm_sweep() {
    if (sweep_ != 0) return;
    sweep_ = cloud_.clock().after(
        kSweepInterval,
        [this] {
            sweep_ = 0;
            sweep();
        },
        TimerKind::housekeeping);
}

void Invoker::sweep() {
    const TimePoint limit = cloud_.clock().now() - kIdleLimit;
    bool some_left = false;
    for (auto& [key, pool] : pools_) {
        while (!pool.idle.empty() && pool.idle.front()->idle_since() <= limit) {
            const SandboxPtr oldest = pool.idle.front();
            pool.idle.erase(pool.idle.begin());
            oldest->stop();
        }
        some_left = some_left || !pool.idle.empty();
    }
    if (some_left) arm_sweep();
}

}  // namespace skafu::lambda
