#include "cli/serve.h"

#include <algorithm>
#include <cstdio>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>

#include "cli/banner.h"
#include "cli/init_scripts.h"
#include "cli/start_memory.h"
#include "cli/watch.h"
#include "core/aws_error.h"
#include "core/log.h"
#include "core/log_buffer.h"
#include "core/long_polls.h"
#include "fronts/admin_api.h"
#include "fronts/router.h"
#include "http/listener.h"
#include "http/pause.h"
#include "http/transport.h"
#include "services.h"
#include "upstream.h"

namespace skafu::server {
namespace {

constexpr std::chrono::seconds kPatience{10};
/// For so long after the start its memory stays: a client that waited for it asks at once.
constexpr std::chrono::milliseconds kFirstAnswers{100};

std::map<std::string, std::string> parse_upstreams(const std::vector<std::string>& pairs) {
    std::map<std::string, std::string> upstreams;
    for (const std::string& pair : pairs) {
        const std::size_t equals = pair.find('=');
        if (equals == std::string::npos || equals == 0) {
            throw std::runtime_error("--upstream takes service=URL, got " + pair);
        }
        upstreams[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    return upstreams;
}

Task<void> before_answer(Database& database) {
    if (database.pending()) co_await database.durable();
}

/// Whether a request of the SDKs only reads, as the names of operations tell in all of AWS.
bool only_reads(const HttpRequest& request) {
    static constexpr std::string_view kReading[] = {"Get",  "Describe", "List",       "Query",
                                                    "Scan", "BatchGet", "TransactGet"};
    std::string_view operation = request.headers.get("X-Amz-Target");
    operation.remove_prefix(std::min(operation.rfind('.') + 1, operation.size()));
    return std::any_of(std::begin(kReading), std::end(kReading),
                       [&](std::string_view verb) { return operation.starts_with(verb); });
}

/// The running process: the house, its front door, and its end.
class Process {
  public:
    explicit Process(const ServeOptions& options)
        : options_(options),
          cloud_(io_, make_settings(options), make_transport(io_)),
          signals_(io_, SIGTERM, SIGINT) {
        register_services(cloud_);
        connect_upstreams(cloud_);
        register_admin_api(cloud_, [this] { return stopping_; });
        router_ = std::make_unique<Router>(cloud_);
        HttpHandler handler = [this](HttpRequest request) {
            return router_->handle(std::move(request));
        };
        HttpOptions http;
        http.clock = &cloud_.clock();
        // A read shares the turn of writes that may not get onto the disk: what it saw of them
        // never happened then, and it looks again.
        server_ = std::make_unique<HttpServer>(
            io_, std::move(handler), http, [this] { return before_answer(cloud_.database()); },
            [this](const HttpRequest& request) {
                return cloud_.database().pending() && only_reads(request);
            });
    }

    int run() {
        boost::asio::co_spawn(io_, start(), [this](std::exception_ptr error) { give_up(error); });
        boost::asio::co_spawn(io_, stop(), [this](std::exception_ptr error) { give_up(error); });
        log::gather([this] { boost::asio::post(io_, log::flush); });
        io_.run();
        log::gather({});
        cloud_.shutdown();
        std::fflush(nullptr);
        // Coroutines that still wait hold references into the house: they go with the process.
        std::_Exit(exit_code_);
    }

  private:
    static Settings make_settings(const ServeOptions& options) {
        Settings settings = options.settings;
        settings.upstreams = parse_upstreams(options.upstreams);
        if (!options.region.empty()) settings.region = options.region;
        return settings;
    }

    void give_up(std::exception_ptr error) {
        if (!error) return;
        try {
            std::rethrow_exception(error);
        } catch (const std::exception& failure) {
            std::fprintf(stderr, "skafu-local: %s\n", failure.what());
        }
        exit_code_ = 1;
        io_.stop();
    }

    Task<void> start() {
        co_await run_init_scripts(cloud_, options_.init_dir, "boot");
        listen();
        co_await run_init_scripts(cloud_, options_.init_dir, "start");
        if (!options_.template_file.empty()) {
            report_ = co_await cloudformation::deploy(cloud_, deploy_options());
            if (watches()) watch();
        }
        const std::string banner = start_banner(cloud_, report_ ? &*report_ : nullptr);
        std::fputs(banner.c_str(), stdout);
        std::fflush(stdout);
        co_await run_init_scripts(cloud_, options_.init_dir, "ready");
        announce();
        ready_ = true;
        co_await pause(kFirstAnswers);
        release_start_memory();
    }

    /// Waits for the signal, which may come while the house is still being set up.
    Task<void> stop() {
        co_await signals_.async_wait(boost::asio::use_awaitable_t<Executor>());
        if (!ready_) {
            io_.stop();
            co_return;
        }
        log::info("stopping: finishing what is in flight");
        boost::asio::co_spawn(io_, stop_at_once_on_second_signal(), [](std::exception_ptr) {});
        co_await run_init_scripts(cloud_, options_.init_dir, "shutdown");
        server_->stop_accepting();
        stopping_ = true;
        end_long_polls(cloud_);
        co_await server_->finish(kPatience);
        io_.stop();
    }

    Task<void> stop_at_once_on_second_signal() {
        co_await signals_.async_wait(boost::asio::use_awaitable_t<Executor>());
        io_.stop();
    }

    void listen() {
        Settings& settings = cloud_.settings();
        if (!options_.host.empty() && options_.host != "localhost") {
            settings.port = server_->listen(options_.host, settings.port);
            return;
        }
        settings.port = server_->listen("127.0.0.1", settings.port);
        try {
            server_->listen("::1", settings.port);
        } catch (const std::runtime_error& error) {
            log::debug("no IPv6 loopback: {}", error.what());
        }
    }

    cloudformation::DeployOptions deploy_options() const {
        cloudformation::DeployOptions deploy;
        deploy.template_file = options_.template_file;
        deploy.parameter_overrides = options_.parameter_overrides;
        deploy.config_env = options_.config_env;
        deploy.stack_name = options_.stack_name;
        deploy.region = options_.region;
        deploy.keep_going = options_.keep_going;
        return deploy;
    }

    bool watches() const { return options_.watch.value_or(isatty(STDOUT_FILENO) == 1); }

    void watch() {
        watch_ = std::make_unique<FileWatch>(io_, [this] { return redeploy(); });
        watch_folders();
    }

    void watch_folders() {
        std::set<std::filesystem::path> folders;
        for (const std::filesystem::path& file : report_->files) {
            std::error_code error;
            folders.insert(std::filesystem::is_directory(file, error) ? file : file.parent_path());
        }
        watch_->watch(folders);
    }

    /// A template that is broken meanwhile leaves the running application as it is.
    Task<void> redeploy() {
        const Stopwatch watch;
        try {
            report_ = co_await cloudformation::deploy(cloud_, deploy_options());
            log::info("redeployed in {} ms", watch.elapsed().count() / 1000);
            const std::string findings = findings_text(*report_);
            std::fputs(findings.c_str(), stdout);
            std::fflush(stdout);
        } catch (const std::exception& error) {
            log::error("not redeployed, the application runs on as it was:\n{}", error.what());
        }
        watch_folders();
    }

    void announce() {
        log::info("Ready.");
        if (options_.ready_fd < 0) return;
        constexpr std::string_view text = "Ready.\n";
        if (write(options_.ready_fd, text.data(), text.size()) < 0) {
            log::warn("nobody reads --ready-fd {}", options_.ready_fd);
        }
        close(options_.ready_fd);
    }

    const ServeOptions& options_;
    boost::asio::io_context io_{1};
    Cloud cloud_;
    boost::asio::basic_signal_set<Executor> signals_;
    std::unique_ptr<Router> router_;
    std::unique_ptr<HttpServer> server_;
    std::optional<cloudformation::DeploymentReport> report_;
    std::unique_ptr<FileWatch> watch_;
    bool ready_ = false;
    bool stopping_ = false;
    int exit_code_ = 0;
};

}  // namespace

int serve(const ServeOptions& options) {
    log::configure(options.log_level, options.log_format);
    auto process = std::make_unique<Process>(options);
    return process->run();
}

}  // namespace skafu::server
