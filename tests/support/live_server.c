/* The real program as a child of the test; see live_server.h. */
#include "tests/support/live_server.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/stream.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 60000, LOOK_MS = 10, LOG_MOST = 4 << 20 };

static void give_up(const char *what) {
    fprintf(stderr, "live server: %s\n", what);
    abort();
}

static void file_path(const struct live_server *server, const char *name, char *out, size_t size) {
    snprintf(out, size, "%s/%s", server->folder, name);
}

/* -- files ---------------------------------------------------------------------------------------------------------------- */

const char *live_write(struct live_server *server, const char *name, const char *text) {
    static char path[160];
    file_path(server, name, path, sizeof path);
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        give_up("a file cannot be written");
    return path;
}

void live_add_setting(struct live_server *server, const char *line) {
    FILE *file = fopen(server->config, "a");
    if (!file || fprintf(file, "%s\n", line) < 0 || fclose(file) != 0)
        give_up("the settings cannot be written");
}

void live_make(struct live_server *server, const char *database_url, const char *more) {
    char text[1024];
    *server = (struct live_server){.folder = "/tmp/sosie-live-XXXXXX"};
    if (!mkdtemp(server->folder))
        give_up("no folder can be made");
    file_path(server, "sosie.conf", server->config, sizeof server->config);
    snprintf(text, sizeof text,
             "database.url = %s\ndata.directory = %s/data\ncontrol.socket = %s/control.sock\n"
             "mllp.port = 0\nhttp.port = 0\nmllp.processing_ids = P,T,D\nins.oids = both\n%s\n",
             database_url, server->folder, server->folder, more ? more : "");
    live_write(server, "sosie.conf", text);
}

void live_remove(struct live_server *server) {
    char command[128];
    if (server->pid)
        live_stop(server, SIGKILL);
    snprintf(command, sizeof command, "rm -rf '%s'", server->folder);
    if (system(command) != 0)
        give_up("the folder cannot be removed");
}

/* -- the log -------------------------------------------------------------------------------------------------------------- */

/* What this run wrote so far; the caller frees it. */
static char *read_log(struct live_server *server) {
    char path[160];
    char *text = mem_alloc(LOG_MOST + 1);
    file_path(server, "log", path, sizeof path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t len = 0;
    ssize_t got;
    while (fd >= 0 && len < LOG_MOST && (got = pread(fd, text + len, LOG_MOST - len, (off_t)(server->log_from + len))) > 0)
        len += (size_t)got;
    if (fd >= 0)
        close(fd);
    text[len] = '\0';
    return text;
}

static bool log_has(struct live_server *server, const char *text) {
    char *log = read_log(server);
    bool has = strstr(log, text) != NULL;
    mem_free(log);
    return has;
}

static bool ended(struct live_server *server) {
    siginfo_t info = {.si_pid = 0};
    return waitid(P_PID, (id_t)server->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0;
}

bool live_wait_log(struct live_server *server, const char *text) {
    uint64_t deadline = clock_deadline(PATIENCE_MS);
    while (!log_has(server, text)) {
        if (clock_left_ms(deadline) == 0 || (ended(server) && !log_has(server, text)))
            return false;
        clock_sleep_ms(LOOK_MS);
    }
    return true;
}

/* The last "listening protocol=NAME ... port=N" line. */
static uint16_t port_of(const char *log, const char *protocol) {
    char wanted[64];
    uint16_t port = 0;
    snprintf(wanted, sizeof wanted, "event=listening protocol=%s ", protocol);
    for (const char *at = strstr(log, wanted); at; at = strstr(at + 1, wanted)) {
        const char *number = strstr(at, "port=");
        port = number ? (uint16_t)strtoul(number + 5, NULL, 10) : 0;
    }
    return port;
}

void live_read_ports(struct live_server *server) {
    char *log = read_log(server);
    server->mllp_port = port_of(log, "mllp");
    server->http_port = port_of(log, "http");
    mem_free(log);
}

/* -- the process ---------------------------------------------------------------------------------------------------------- */

/* out_path NULL: standard error is closed. */
static pid_t launch(const char *const *argv, const char *fault, const char *out_path, const char *err_path, int out_flags) {
    const char *environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "ASAN_OPTIONS=detect_leaks=1", fault, NULL};
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!out_path) {
        close(2);
        execve(SOSIE_PROGRAM, (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)environment);
        _exit(127);
    }
    int in = open("/dev/null", O_RDONLY), out = open(out_path, O_WRONLY | O_CREAT | out_flags, 0600);
    int err = strcmp(out_path, err_path) == 0 ? dup(out) : open(err_path, O_WRONLY | O_CREAT | out_flags, 0600);
    if (in < 0 || out < 0 || err < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
        _exit(126);
    execve(SOSIE_PROGRAM, (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)environment);
    _exit(127);
}

static void launch_server(struct live_server *server, bool mute) {
    const char *const argv[] = {"sosie", "serve", "--config", server->config, "--pid-file", NULL, NULL};
    const char *with_pid[7];
    char log[160], pid_file[160];
    struct stat found;
    memcpy(with_pid, argv, sizeof argv);
    file_path(server, "log", log, sizeof log);
    file_path(server, "server.pid", pid_file, sizeof pid_file);
    with_pid[5] = pid_file;
    server->log_from = stat(log, &found) == 0 ? (size_t)found.st_size : 0;
    server->pid = mute ? launch(with_pid, server->fault, NULL, NULL, 0) : launch(with_pid, server->fault, log, log, O_APPEND);
    if (server->pid < 0)
        give_up("fork failed");
}

void live_start(struct live_server *server) {
    launch_server(server, false);
    if (!live_wait_log(server, "event=started")) {
        char *log = read_log(server);
        fprintf(stderr, "%s\n", log);
        mem_free(log);
        give_up("sosie serve did not start");
    }
    live_read_ports(server);
}

void live_start_mute(struct live_server *server) {
    launch_server(server, true);
}

static int wait_for(pid_t pid) {
    int status;
    if (waitpid(pid, &status, 0) != pid)
        give_up("waitpid failed");
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void live_start_in_vain(struct live_server *server, struct live_answer *out) {
    launch_server(server, false);
    out->exit_code = wait_for(server->pid);
    server->pid = 0;
    char *log = read_log(server);
    snprintf(out->err, sizeof out->err, "%s", log);
    mem_free(log);
}

int live_stop(struct live_server *server, int signal_number) {
    kill(server->pid, signal_number);
    int code = wait_for(server->pid);
    server->pid = 0;
    return code;
}

static void read_whole(const char *path, char *out, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t len = 0;
    ssize_t got;
    while (fd >= 0 && len < size - 1 && (got = read(fd, out + len, size - 1 - len)) > 0)
        len += (size_t)got;
    if (fd >= 0)
        close(fd);
    out[len] = '\0';
}

static pid_t launch_command(struct live_server *server, const char *const *words, const char *out_path, const char *err_path) {
    const char *argv[32] = {"sosie"};
    char port[8];
    size_t count = 1;
    for (size_t i = 0; words[i] && count < 26; i++)
        argv[count++] = words[i];
    if (server->pid) {
        snprintf(port, sizeof port, "%u", server->mllp_port);
        argv[count++] = "--mllp.port";
        argv[count++] = port;
    }
    argv[count++] = "--config";
    argv[count++] = server->config;
    argv[count] = NULL;
    return launch(argv, NULL, out_path, err_path, O_TRUNC);
}

void live_run(struct live_server *server, struct live_answer *out, const char *const *words) {
    char out_path[160], err_path[160];
    file_path(server, "out", out_path, sizeof out_path);
    file_path(server, "err", err_path, sizeof err_path);
    out->exit_code = wait_for(launch_command(server, words, out_path, err_path));
    read_whole(out_path, out->out, sizeof out->out);
    read_whole(err_path, out->err, sizeof out->err);
}

pid_t live_spawn(struct live_server *server, const char *const *words) {
    pid_t pid = launch_command(server, words, "/dev/null", "/dev/null");
    if (pid < 0)
        give_up("fork failed");
    return pid;
}

int live_wait(pid_t pid) {
    return wait_for(pid);
}

/* -- HTTP ----------------------------------------------------------------------------------------------------------------- */

static size_t exchange(struct stream *stream, const char *path, char *out, size_t size) {
    char request[512];
    size_t len = 0;
    int64_t got = 0;
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path);
    if (!stream_write(stream, span_of(request), clock_deadline(PATIENCE_MS), NULL))
        return 0;
    while (len < size - 1 && (got = stream_read(stream, out + len, size - 1 - len, clock_deadline(PATIENCE_MS), NULL)) > 0)
        len += (size_t)got;
    out[len] = '\0';
    return len;
}

int live_get(struct live_server *server, const char *path, struct live_answer *out) {
    struct stream *stream;
    out->out[0] = '\0';
    if (!stream_connect("127.0.0.1", server->http_port, 5000, &stream, NULL))
        return 0;
    size_t len = exchange(stream, path, out->out, sizeof out->out);
    stream_free(stream);
    if (len < 12 || strncmp(out->out, "HTTP/1.1 ", 9) != 0)
        return 0;
    int status = (int)strtol(out->out + 9, NULL, 10);
    const char *body = strstr(out->out, "\r\n\r\n");
    if (body)
        memmove(out->out, body + 4, strlen(body + 4) + 1);
    return status;
}

bool live_wait_ready(struct live_server *server, int status, const char *text) {
    static struct live_answer answer;
    uint64_t deadline = clock_deadline(PATIENCE_MS);
    while (live_get(server, "/ready", &answer) != status || !strstr(answer.out, text)) {
        if (clock_left_ms(deadline) == 0)
            return false;
        clock_sleep_ms(LOOK_MS);
    }
    return true;
}
