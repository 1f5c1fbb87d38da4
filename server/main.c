/* sosie: the one program; its commands are in cli_*.c. */
#include "server/cli.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* A standard descriptor that is closed would be that of the next file opened, and log lines would go into it: into the pid file,
 * the spool or PostgreSQL. What holds its place fails to be read or written, as a closed one does. */
static bool hold_standard_descriptors(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return false;
    return true;
}

int main(int argc, char **argv) {
    if (!hold_standard_descriptors())
        return EXIT_FAILED;
    (void)signal(SIGXFSZ, SIG_IGN); /* a file that may not grow says so by its errno, as a full disk does */
    return cli_main(argc, argv, environ);
}
