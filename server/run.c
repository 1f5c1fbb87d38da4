/*
 * sosie serve: the process. One thread (this one) starts everything, then waits for signals and looks once a second at the state of
 * identity; all work is done by threads of the rooms.
 *
 *     start            settings -> pid file -> identity (index, lane) -> edges (control, mllp, http)
 *     SIGTERM, SIGINT  edges stop (messages in hand are answered), identity closes (the lane empties), exit 0; a second one ends
 *                      the process at once
 *     SIGHUP           settings are read again; what may change under way does (effect_of), the rest is logged as needing a restart
 */
#include "base/clock.h"
#include "base/log.h"
#include "identity/identity.h"
#include "server/cli.h"
#include "server/edges.h"
#include "server/wiring.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAINTAIN_EVERY_MS = 24 * 3600 * 1000, MAINTAIN_RETRY_MS = 600 * 1000 };

static const struct flag_row flags[] = {
    {"pid-file", FLAG_VALUE, "FILE", "write the process id there, and hold it against a second server"},
};

struct server {
    struct cli *cli;
    struct settings settings;
    struct identity *identity;
    struct edges *edges;
    enum identity_state state; /* last one said in the log */
    bool state_said;
    uint64_t maintain_at_ns;
    const char *pid_path;
    int pid_fd;
};

/* -- the ground ----------------------------------------------------------------------------------------------------------- */

/* The file stays open and locked as long as the process lives: its number alone would prove nothing. */
static bool take_pid_file(struct server *server, struct error *err) {
    struct span flag = args_value(&server->cli->args, "pid-file");
    char text[32];
    if (span_is_absent(flag))
        return true;
    const char *path = span_cstr(flag, server->cli->arena);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return error_set(err, ERROR_IO, "--pid-file", "cannot write %.150s: %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        return error_set(err, ERROR_DUPLICATE, "--pid-file", "another server holds %.150s; stop it first", path);
    }
    int len = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)len, 0) != len) {
        close(fd);
        return error_set(err, ERROR_IO, "--pid-file", "cannot write %.150s: %s", path, strerror(errno));
    }
    server->pid_fd = fd;
    server->pid_path = path;
    return true;
}

static void leave_pid_file(struct server *server) {
    if (server->pid_fd < 0)
        return;
    unlink(server->pid_path);
    close(server->pid_fd);
}

static bool make_data_directory(const struct settings *settings, struct error *err) {
    struct stat found;
    if (mkdir(settings->data_directory, 0700) != 0 && errno != EEXIST)
        return error_set(err, ERROR_IO, "data.directory",
                         "cannot make %.120s: %s; make the folder, for the user who runs the server", settings->data_directory,
                         strerror(errno));
    if (stat(settings->data_directory, &found) != 0 || !S_ISDIR(found.st_mode))
        return error_set(err, ERROR_IO, "data.directory", "%.150s is no folder; name another", settings->data_directory);
    return access(settings->data_directory, W_OK) == 0 ||
           error_set(err, ERROR_IO, "data.directory",
                     "%.120s cannot be written by this user (%u); give the folder to who runs the server", settings->data_directory,
                     (unsigned)geteuid());
}

/* Connections are descriptors: take as many as the system gives. */
static void raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* Signals are taken by sigtimedwait in this thread alone; every other thread inherits the mask. */
static void block_signals(sigset_t *out) {
    sigemptyset(out);
    sigaddset(out, SIGTERM);
    sigaddset(out, SIGINT);
    sigaddset(out, SIGHUP);
    pthread_sigmask(SIG_BLOCK, out, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* -- starting ------------------------------------------------------------------------------------------------------------- */

static bool say_regional(struct server *server, struct error *err) {
    const char *config = server->cli->args.config;
    buf_addf(
        server->cli->err,
        "sosie: no regional domain is declared, and it gives the persons their identifiers. Declare it, with your own namespace\n"
        "and OID, then start again:\n\n    sosie domain add REGION --kind regional --oid 1.2.250.1.999.1.1%s%s\n\n",
        config ? " --config " : "", config ? config : "");
    return error_set(err, ERROR_RULE, "serve", "not started");
}

static bool open_identity(struct server *server, struct error *err) {
    struct identity_options options;
    wiring_identity(&server->settings, &options);
    options.writer = true;
    options.progress = true;
    if (identity_open(&options, true, &server->identity, err))
        return true;
    server->identity = NULL;
    return err->code == ERROR_RULE && strstr(err->text, "regional") ? say_regional(server, err) : false;
}

static void say_state(struct server *server) {
    enum identity_state state = identity_state(server->identity);
    if (server->state_said && state == server->state)
        return;
    server->state_said = true;
    struct identity_counts counts = {0};
    identity_counts(server->identity, &counts);
    log_info("state", LOG_TEXT("is", identity_state_name(state)), LOG_U64("records", counts.records),
             LOG_U64("persons", counts.persons), LOG_U64("change", counts.change));
    server->state = state;
}

/* What is wrong around the settings: some of it stops the start a little later, an expired certificate does not. */
static void warn_of_outside(const struct settings *settings) {
    struct arena *arena = arena_new(0);
    struct config_findings findings;
    config_findings_init(&findings, &settings_table, arena);
    settings_check_outside(settings, &findings);
    for (size_t i = 0; i < findings.count; i++)
        log_warn("what a setting names", LOG_ERR(&findings.items[i].err));
    arena_free(arena);
}

static bool start(struct server *server, struct error *err) {
    log_to(STDERR_FILENO, (enum log_level)server->settings.log_level);
    umask(077);
    raise_descriptor_limit();
    if (!take_pid_file(server, err) || !make_data_directory(&server->settings, err))
        return false;
    log_info("starting", LOG_TEXT("version", SOSIE_VERSION), LOG_I64("pid", getpid()),
             LOG_TEXT("settings", server->cli->config_path));
    warn_of_outside(&server->settings);
    if (!open_identity(server, err) || !edges_start(&server->settings, server->identity, &server->edges, err))
        return false;
    log_info("started");
    return true;
}

static void stop(struct server *server) {
    edges_stop(server->edges);
    identity_close(server->identity);
    leave_pid_file(server);
}

/* -- settings read again -------------------------------------------------------------------------------------------------- */

enum effect { EFFECT_NOW, EFFECT_EDGES, EFFECT_RESTART };

/* The first row that a changed key begins with; identity's own options are taken once. */
static enum effect effect_of(const char *key) {
    static const struct {
        const char *prefix;
        enum effect effect;
    } effects[] = {
        {"log.level", EFFECT_NOW},
        {"feed.control_id_reuse", EFFECT_RESTART},
        {"feed.strict_create", EFFECT_RESTART},
        {"feed.stale_guard", EFFECT_RESTART},
        {"feed.unknown_birth_dates", EFFECT_RESTART},
        {"feed.merged_to_survivor", EFFECT_RESTART},
        {"pix.merged_id_unknown", EFFECT_RESTART},
        {"pix.expose_subsumed", EFFECT_RESTART},
        {"control.", EFFECT_EDGES},
        {"mllp.", EFFECT_EDGES},
        {"notify.keep_days", EFFECT_RESTART},
        {"notify.", EFFECT_EDGES},
        {"feed.", EFFECT_EDGES},
        {"pix.", EFFECT_EDGES},
        {"pdq.", EFFECT_EDGES},
        {"http.", EFFECT_EDGES},
        {"fhir.", EFFECT_EDGES},
    };
    for (size_t i = 0; i < sizeof effects / sizeof *effects; i++) {
        if (strncmp(key, effects[i].prefix, strlen(effects[i].prefix)) == 0)
            return effects[i].effect;
    }
    return EFFECT_RESTART;
}

/* True when the edges must be made anew: one of their settings changed, or a certificate may have been renewed. */
static bool weigh_changes(const struct settings *old, const struct settings *new) {
    const char *keys[128];
    size_t count = settings_diff(old, new, keys, 128);
    bool edges = *new->mllp_tls_certificate || *new->http_tls_certificate || *new->notify_tls_ca;
    for (size_t i = 0; i < count && i < 128; i++) {
        enum effect effect = effect_of(keys[i]);
        edges |= effect == EFFECT_EDGES;
        if (effect == EFFECT_RESTART)
            log_warn("setting changed, takes effect after a restart", LOG_TEXT("key", keys[i]));
        else
            log_info("setting changed", LOG_TEXT("key", keys[i]));
    }
    return edges;
}

/* False when the new settings give no edges; then those of the old ones are there again, or, when even they do not work, none. */
static bool renew_edges(struct server *server, const struct settings *new) {
    struct error err = ERROR_INIT;
    edges_stop(server->edges);
    server->edges = NULL;
    if (edges_start(new, server->identity, &server->edges, &err))
        return true;
    log_error("the new settings do not work, the old ones stay", LOG_ERR(&err));
    if (!edges_start(&server->settings, server->identity, &server->edges, &err))
        log_error("the listeners cannot be opened again", LOG_ERR(&err));
    return false;
}

/* False when the server has no edges any more. Settings that did not work are forgotten: the next signal weighs them anew. */
static bool reload(struct server *server) {
    struct error err = ERROR_INIT;
    struct settings old = server->settings;
    if (!cli_settings(server->cli, &err)) {
        log_error("settings not read again, the old ones stay", LOG_ERR(&err));
        return true;
    }
    struct settings new = server->cli->settings;
    log_info("settings read again");
    warn_of_outside(&new);
    if (weigh_changes(&old, &new) && !renew_edges(server, &new))
        return server->edges != NULL;
    log_to(STDERR_FILENO, (enum log_level) new.log_level);
    server->settings = new;
    return true;
}

/* -- the day -------------------------------------------------------------------------------------------------------------- */

static void maintain(struct server *server) {
    struct error err = ERROR_INIT;
    if (server->state != IDENTITY_WRITER || clock_mono_ns() < server->maintain_at_ns)
        return;
    bool good = identity_maintain(server->identity, &err);
    if (!good)
        log_warn("maintenance failed, tried again later", LOG_ERR(&err));
    server->maintain_at_ns = clock_deadline(good ? MAINTAIN_EVERY_MS : MAINTAIN_RETRY_MS);
}

static bool wait_for_stop(struct server *server, const sigset_t *signals) {
    const struct timespec second = {.tv_sec = 1};
    for (;;) {
        int signal_number = sigtimedwait(signals, NULL, &second);
        if (signal_number == SIGTERM || signal_number == SIGINT) {
            log_info("stopping", LOG_TEXT("signal", signal_number == SIGTERM ? "SIGTERM" : "SIGINT"));
            return true;
        }
        if (signal_number == SIGHUP && !reload(server))
            return false;
        say_state(server);
        maintain(server);
    }
}

static int run_serve(struct cli *cli) {
    struct error err = ERROR_INIT;
    struct server server = {.cli = cli, .pid_fd = -1};
    sigset_t signals;
    if (!cli_settings(cli, &err))
        return cli_fail(cli, &err);
    server.settings = cli->settings;
    block_signals(&signals);
    bool good = start(&server, &err) && wait_for_stop(&server, &signals);
    pthread_sigmask(SIG_UNBLOCK, &signals, NULL); /* a second signal ends the process at once */
    stop(&server);
    if (err.code)
        return cli_fail(cli, &err);
    log_info("stopped");
    return good ? EXIT_DONE : EXIT_FAILED;
}

const struct command_row command_serve = {
    .name = "serve",
    .words = "",
    .summary = "run the server",
    .text =
        "Opens the database, loads the index, listens for HL7 (mllp.*) and HTTP (http.*: FHIR, pages, health, metrics) and for\n"
        "commands (control.socket). Before the first start sosie migrate makes the tables, sosie domain add declares the regional\n"
        "domain, sosie check tells what else is missing. Logs to standard error. SIGTERM and SIGINT stop it cleanly, SIGHUP reads\n"
        "the settings again. Outside loopback nothing is listened on without TLS, unless the setting named for that danger says\n"
        "so.\n\n"
        "  sosie serve --config var/sosie.conf --pid-file var/server.pid",
    .flags = flags,
    .flag_count = sizeof flags / sizeof *flags,
    .run = run_serve,
};
