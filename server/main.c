/* sosie: the one program; its commands are in cli_*.c. */
#include "server/cli.h"

#include <unistd.h>

int main(int argc, char **argv) {
    return cli_main(argc, argv, environ);
}
