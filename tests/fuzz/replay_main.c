/*
 * Stands in for libFuzzer where the build is not Clang's: feeds every file of the folders and files named on the command
 * line to the fuzz target once, so that what fuzzing ever found stays found in plain `ctest`. A few inputs that every parser
 * must survive come first, whether or not the corpus has files.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LONG_INPUT_BYTES = 1 << 16 };

static void run_bytes(const uint8_t *bytes, size_t len) {
    uint8_t *exact = malloc(len ? len : 1); /* its own block, so that a read past the end shows under ASan */
    if (!exact)
        abort();
    if (len)
        memcpy(exact, bytes, len);
    (void)LLVMFuzzerTestOneInput(exact, len);
    free(exact);
}

static void run_basics(void) {
    uint8_t *block = malloc(LONG_INPUT_BYTES);
    if (!block)
        abort();
    run_bytes((const uint8_t *)"", 0);
    for (int byte = 0; byte < 256; byte++) {
        memset(block, byte, LONG_INPUT_BYTES);
        run_bytes(block, 1);
        if (strchr("A\n\r|^~\\&[{\"<%\v", byte) || byte == 0xff)
            run_bytes(block, LONG_INPUT_BYTES);
    }
    free(block);
}

static int run_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        fprintf(stderr, "cannot read %s\n", path);
        return 1;
    }
    struct stat info;
    size_t size = stat(path, &info) == 0 ? (size_t)info.st_size : 0;
    uint8_t *bytes = malloc(size ? size : 1);
    size_t len = bytes ? fread(bytes, 1, size, file) : 0;
    fclose(file);
    fprintf(stderr, "replay %s, %zu bytes\n", path, len);
    run_bytes(bytes, len);
    free(bytes);
    return 0;
}

static int run_folder(const char *path) {
    DIR *folder = opendir(path);
    if (!folder)
        return 0; /* no corpus yet: the basics were run */
    int failures = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        char name[4096];
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        failures += run_file(name);
    }
    closedir(folder);
    return failures;
}

int main(int argc, char **argv) {
    int failures = 0;
    run_basics();
    for (int i = 1; i < argc; i++) {
        struct stat info;
        failures += stat(argv[i], &info) == 0 && !S_ISDIR(info.st_mode) ? run_file(argv[i]) : run_folder(argv[i]);
    }
    return failures ? 1 : 0;
}
