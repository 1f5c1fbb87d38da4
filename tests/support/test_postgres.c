/* See test_postgres.h. The postmaster is a child of this process; the kernel ends it when its parent goes. */
#include "tests/support/test_postgres.h"

#include "base/clock.h"
#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEXT_SIZE = 256, MOST_CHILDREN = 512, MOST_ARGUMENTS = 24, START_LIMIT_MS = 60000, PAUSE_MS = 5 };

struct test_postgres {
    struct test_postgres *next;
    pid_t owner;      /* the process that made it: a fork of it must not clean up */
    pid_t postmaster; /* 0: not running */
    bool fsync;
    char folder[TEXT_SIZE];
    char url[TEXT_SIZE];
    char other_url[TEXT_SIZE];
    char socket[TEXT_SIZE];
    char bin[TEXT_SIZE];
};

static struct test_postgres *all;

static _Noreturn void give_up(const char *format, ...) __attribute__((format(printf, 1, 2)));
static _Noreturn void give_up(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("test cluster: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(99);
}

static void print_to(char *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void print_to(char *out, const char *format, ...) {
    va_list args;
    va_start(args, format);
    must((size_t)vsnprintf(out, TEXT_SIZE, format, args) < TEXT_SIZE);
    va_end(args);
}

/* -- processes ------------------------------------------------------------------------------------------------------------- */

static const struct passwd *unprivileged_user(void) {
    if (geteuid() != 0)
        return NULL;
    const struct passwd *user = getpwnam("postgres");
    user = user ? user : getpwnam("nobody");
    if (!user)
        give_up("root may not run PostgreSQL and there is neither a user postgres nor nobody");
    return user;
}

/* In the child: another user, another folder, no terminal, the log file as output, and an end when the parent ends. */
static _Noreturn void become(const struct test_postgres *postgres, char *const arguments[]) {
    const struct passwd *user = unprivileged_user();
    if (user && (setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0))
        give_up("cannot become %s: %s", user->pw_name, strerror(errno));
    char path[2 * TEXT_SIZE];
    snprintf(path, sizeof path, "%s/log", postgres->folder);
    int log_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (chdir(postgres->folder) != 0 || log_fd < 0 || dup2(log_fd, 1) < 0 || dup2(log_fd, 2) < 0 || dup2(null_fd, 0) < 0)
        give_up("cannot write %s: %s", path, strerror(errno));
    for (int fd = 3; fd < 1024; fd++)
        close(fd);
    signal(SIGPIPE, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (getppid() == 1)
        _exit(98);
    setenv("LC_ALL", "C", 1);
    unsetenv("PGOPTIONS");
    snprintf(path, sizeof path, "%s/%s", postgres->bin, arguments[0]);
    /* PostgreSQL's programs find each other beside the path that they were called by. */
    char *called[MOST_ARGUMENTS + 1] = {path};
    for (size_t i = 1; i < MOST_ARGUMENTS && arguments[i]; i++)
        called[i] = arguments[i];
    execv(path, called);
    fprintf(stderr, "cannot run %s: %s\n", path, strerror(errno));
    _exit(97);
}

static pid_t spawn(const struct test_postgres *postgres, char *const arguments[]) {
    fflush(NULL);
    pid_t child = fork();
    if (child < 0)
        give_up("cannot fork: %s", strerror(errno));
    if (child == 0)
        become(postgres, arguments);
    return child;
}

static void wait_for(pid_t child) {
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        continue;
}

static void show_log(const struct test_postgres *postgres) {
    char path[2 * TEXT_SIZE], line[512];
    snprintf(path, sizeof path, "%s/log", postgres->folder);
    FILE *log = fopen(path, "r");
    while (log && fgets(line, sizeof line, log))
        fputs(line, stderr);
    if (log)
        fclose(log);
}

/* -- the folder ------------------------------------------------------------------------------------------------------------ */

static void find_binaries(struct test_postgres *postgres) {
    const char *given = getenv("SOSIE_POSTGRES_BIN");
    glob_t found = {.gl_pathc = 0};
    if (given)
        print_to(postgres->bin, "%s", given);
    else if (glob("/usr/lib/postgresql/*/bin", 0, NULL, &found) == 0)
        print_to(postgres->bin, "%s", found.gl_pathv[found.gl_pathc - 1]);
    else
        give_up("no PostgreSQL under /usr/lib/postgresql; set SOSIE_POSTGRES_BIN");
    globfree(&found);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk) {
    (void)status, (void)kind, (void)walk;
    remove(path);
    return 0;
}

static void make_folder(struct test_postgres *postgres) {
    print_to(postgres->folder, "/tmp/sosie-pg-XXXXXX");
    if (!mkdtemp(postgres->folder))
        give_up("cannot make a folder in /tmp: %s", strerror(errno));
    const struct passwd *user = unprivileged_user();
    if (user && chown(postgres->folder, user->pw_uid, user->pw_gid) != 0)
        give_up("cannot give %s away: %s", postgres->folder, strerror(errno));
    print_to(postgres->url, "host=%s user=sosie dbname=sosie", postgres->folder);
    print_to(postgres->socket, "%s/.s.PGSQL.5432", postgres->folder);
}

static void make_cluster(struct test_postgres *postgres) {
    char data[2 * TEXT_SIZE];
    snprintf(data, sizeof data, "%s/data", postgres->folder);
    char *const arguments[] = {"initdb",
                               "-D",
                               data,
                               "-U",
                               "sosie",
                               "-A",
                               "trust",
                               "-E",
                               "UTF8",
                               "--locale=C.UTF-8",
                               "-k",
                               "--no-sync",
                               "--no-instructions",
                               NULL};
    int status;
    pid_t child = spawn(postgres, arguments);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        show_log(postgres);
        give_up("initdb failed");
    }
}

/* -- running --------------------------------------------------------------------------------------------------------------- */

static void launch(struct test_postgres *postgres) {
    char data[2 * TEXT_SIZE], socket_folder[2 * TEXT_SIZE];
    snprintf(data, sizeof data, "%s/data", postgres->folder);
    snprintf(socket_folder, sizeof socket_folder, "unix_socket_directories=%s", postgres->folder);
    char *const arguments[] = {
        "postgres", "-D", data, "-c", socket_folder, "-c", "listen_addresses=", "-c", postgres->fsync ? "fsync=on" : "fsync=off",
        NULL};
    postgres->postmaster = spawn(postgres, arguments);
}

/* Whether the postmaster still runs; the remains of a killed one may make the first attempts fail. */
static bool is_running(struct test_postgres *postgres) {
    return waitpid(postgres->postmaster, NULL, WNOHANG) == 0;
}

void test_postgres_restart(struct test_postgres *postgres) {
    char any[TEXT_SIZE];
    print_to(any, "host=%s user=sosie dbname=postgres", postgres->folder);
    must(!postgres->postmaster);
    launch(postgres);
    for (uint64_t limit = clock_deadline(START_LIMIT_MS); PQping(any) != PQPING_OK; clock_sleep_ms(PAUSE_MS)) {
        if (!clock_left_ms(limit)) {
            show_log(postgres);
            give_up("PostgreSQL did not start");
        }
        if (!is_running(postgres))
            launch(postgres);
    }
}

static void end_postmaster(struct test_postgres *postgres, int signal_number) {
    if (!postgres->postmaster)
        return;
    kill(postgres->postmaster, signal_number);
    wait_for(postgres->postmaster);
    postgres->postmaster = 0;
}

void test_postgres_halt(struct test_postgres *postgres) {
    end_postmaster(postgres, SIGINT);
}

void test_postgres_kill9(struct test_postgres *postgres) {
    char path[TEXT_SIZE];
    pid_t children[MOST_CHILDREN];
    size_t count = 0;
    must(postgres->postmaster);
    print_to(path, "/proc/%d/task/%d/children", (int)postgres->postmaster, (int)postgres->postmaster);
    kill(postgres->postmaster, SIGSTOP); /* no child more */
    FILE *list = fopen(path, "r");
    while (list && count < MOST_CHILDREN && fscanf(list, "%d", &children[count]) == 1)
        count++;
    if (list)
        fclose(list);
    for (size_t i = 0; i < count; i++)
        kill(children[i], SIGKILL);
    end_postmaster(postgres, SIGKILL);
}

/* -- statements ------------------------------------------------------------------------------------------------------------ */

static void ignore_notice(void *context, const char *message) {
    (void)context, (void)message;
}

static void run_in(struct test_postgres *postgres, const char *database, const char *sql) {
    char url[TEXT_SIZE];
    print_to(url, "host=%s user=sosie dbname=%s", postgres->folder, database);
    PGconn *conn = PQconnectdb(url);
    PQsetNoticeProcessor(conn, ignore_notice, NULL);
    PGresult *result = PQexec(conn, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
        give_up("%s: %s", sql, PQerrorMessage(conn));
    PQclear(result);
    PQfinish(conn);
}

void test_postgres_run(struct test_postgres *postgres, const char *sql) {
    run_in(postgres, "sosie", sql);
}

const char *test_postgres_database(struct test_postgres *postgres, const char *name) {
    char sql[TEXT_SIZE];
    print_to(sql, "DROP DATABASE IF EXISTS %s WITH (FORCE)", name);
    run_in(postgres, "postgres", sql);
    print_to(sql, "CREATE DATABASE %s", name);
    run_in(postgres, "postgres", sql);
    print_to(postgres->other_url, "host=%s user=sosie dbname=%s", postgres->folder, name);
    return postgres->other_url;
}

const char *test_postgres_copy(struct test_postgres *postgres, const char *name) {
    char sql[TEXT_SIZE];
    print_to(sql, "DROP DATABASE IF EXISTS %s WITH (FORCE)", name);
    run_in(postgres, "postgres", sql);
    print_to(sql, "CREATE DATABASE %s TEMPLATE sosie", name);
    run_in(postgres, "postgres", sql);
    print_to(postgres->other_url, "host=%s user=sosie dbname=%s", postgres->folder, name);
    return postgres->other_url;
}

const char *test_postgres_empty(struct test_postgres *postgres, const char *name) {
    run_in(postgres, name,
           "DO $$ DECLARE t record; BEGIN SET LOCAL session_replication_role = replica; "
           "FOR t IN SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
           "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'schema_migration' "
           "LOOP EXECUTE format('DELETE FROM %I', t.relname); END LOOP; END $$");
    print_to(postgres->other_url, "host=%s user=sosie dbname=%s", postgres->folder, name);
    return postgres->other_url;
}

const char *test_postgres_url(const struct test_postgres *postgres) {
    return postgres->url;
}

void test_postgres_configure(struct test_postgres *postgres, const char *line) {
    char path[2 * TEXT_SIZE];
    snprintf(path, sizeof path, "%s/data/postgresql.auto.conf", postgres->folder);
    FILE *file = fopen(path, "a");
    if (!file || fprintf(file, "%s\n", line) < 0 || fclose(file) != 0)
        give_up("cannot write %s: %s", path, strerror(errno));
    kill(postgres->postmaster, SIGHUP);
    clock_sleep_ms(100); /* backends read it at their next command */
}

const char *test_postgres_socket(const struct test_postgres *postgres) {
    return postgres->socket;
}

/* -- start and stop -------------------------------------------------------------------------------------------------------- */

static void stop_all(void) {
    while (all && all->owner == getpid())
        test_postgres_stop(all);
}

struct test_postgres *test_postgres_start(bool fsync) {
    struct test_postgres *postgres = calloc(1, sizeof *postgres);
    must(postgres);
    if (!all)
        atexit(stop_all);
    postgres->owner = getpid();
    postgres->fsync = fsync;
    postgres->next = all;
    all = postgres;
    find_binaries(postgres);
    make_folder(postgres);
    make_cluster(postgres);
    test_postgres_restart(postgres);
    run_in(postgres, "postgres", "CREATE DATABASE sosie");
    return postgres;
}

void test_postgres_stop(struct test_postgres *postgres) {
    if (!postgres)
        return;
    end_postmaster(postgres, SIGQUIT); /* nothing in it is worth an orderly end */
    nftw(postgres->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    struct test_postgres **at = &all;
    while (*at != postgres)
        at = &(*at)->next;
    *at = postgres->next;
    free(postgres);
}
