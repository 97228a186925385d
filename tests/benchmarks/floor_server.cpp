// The floor under writes that last: one thread that reads HTTP as plainly as it can, inserts a row
// per request into SQLite (WAL, synchronous NORMAL), with one transaction for all requests of a
// turn of its loop, and answers a fixed body. Usage: floor_server PORT FILE
#include <cstdlib>
#include <cstring>
#include <map>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sqlite3.h>

namespace {

constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 11\r\n\r\n"
    R"({"ok":true})";
constexpr int kMostEvents = 256;

void need(bool good, const char* what) {
    if (!good) throw std::runtime_error(what);
}

class Rows {
  public:
    explicit Rows(const char* file) {
        need(sqlite3_open(file, &db_) == SQLITE_OK, "open");
        const char* setup =
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
            "CREATE TABLE rows(key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID";
        need(sqlite3_exec(db_, setup, nullptr, nullptr, nullptr) == SQLITE_OK, "setup");
        begin_ = prepare("BEGIN");
        insert_ = prepare("INSERT OR REPLACE INTO rows VALUES(?1, ?2)");
        commit_ = prepare("COMMIT");
    }

    void insert(std::string_view key, std::string_view value) {
        if (!open_) step(begin_);
        open_ = true;
        sqlite3_bind_blob(insert_, 1, key.data(), static_cast<int>(key.size()), SQLITE_STATIC);
        sqlite3_bind_blob(insert_, 2, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
        step(insert_);
    }

    void commit() {
        if (open_) step(commit_);
        open_ = false;
    }

  private:
    sqlite3_stmt* prepare(const char* sql) {
        sqlite3_stmt* statement = nullptr;
        need(sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) == SQLITE_OK, sql);
        return statement;
    }

    static void step(sqlite3_stmt* statement) {
        need(sqlite3_step(statement) == SQLITE_DONE, "step");
        sqlite3_reset(statement);
    }

    sqlite3* db_ = nullptr;
    sqlite3_stmt* begin_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
    sqlite3_stmt* commit_ = nullptr;
    bool open_ = false;
};

/// The bytes of the first request in `input`, or 0 if it is not all there; `body` is its body.
std::size_t whole_request(std::string_view input, std::string_view& body) {
    const std::size_t end = input.find("\r\n\r\n");
    if (end == std::string_view::npos) return 0;
    constexpr std::string_view kLength = "\r\nContent-Length: ";
    const std::size_t at = input.substr(0, end).find(kLength);
    std::size_t length = 0;
    if (at != std::string_view::npos)
        length = std::strtoul(&input[at + kLength.size()], nullptr, 10);
    if (input.size() < end + 4 + length) return 0;
    body = input.substr(end + 4, length);
    return end + 4 + length;
}

/// What tells one item of the benchmark from the next: its first run of twelve digits.
std::string_view key_of(std::string_view body) {
    std::size_t digits = 0;
    for (std::size_t i = 0; i < body.size(); ++i) {
        digits = body[i] >= '0' && body[i] <= '9' ? digits + 1 : 0;
        if (digits == 12) return body.substr(i - 11, 12);
    }
    return body.substr(0, 12);
}

class Server {
  public:
    Server(int port, const char* file)
        : rows_(file),
          listener_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)),
          events_(epoll_create1(0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int on = 1;
        setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        need(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "bind");
        need(listen(listener_, 512) == 0, "listen");
        watch(listener_);
    }

    void turn() {
        epoll_event events[kMostEvents];
        const int count = epoll_wait(events_, events, kMostEvents, -1);
        std::map<int, std::string> answers;
        for (int i = 0; i < count; ++i) {
            const int fd = events[i].data.fd;
            if (fd == listener_) {
                accept_all();
            } else {
                read(fd, answers[fd]);
            }
        }
        rows_.commit();
        for (const auto& [fd, text] : answers) {
            if (!text.empty()) send(fd, text.data(), text.size(), MSG_NOSIGNAL);
        }
    }

  private:
    void watch(int fd) const {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = fd;
        epoll_ctl(events_, EPOLL_CTL_ADD, fd, &event);
    }

    void accept_all() const {
        const int on = 1;
        for (int fd = 0; (fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            watch(fd);
        }
    }

    void read(int fd, std::string& answer) {
        char chunk[65536];
        const ssize_t count = recv(fd, chunk, sizeof chunk, 0);
        std::string& input = inputs_[fd];
        if (count <= 0) {
            close(fd);
            inputs_.erase(fd);
            return;
        }
        input.append(chunk, static_cast<std::size_t>(count));
        std::string_view body;
        while (const std::size_t used = whole_request(input, body)) {
            rows_.insert(key_of(body), body);
            answer.append(kAnswer);
            input.erase(0, used);
        }
    }

    Rows rows_;
    int listener_;
    int events_;
    std::map<int, std::string> inputs_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    Server server(std::atoi(argv[1]), argv[2]);
    while (true) server.turn();
}
