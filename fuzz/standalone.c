/* SPDX-License-Identifier: MIT */
/* standalone.c: runs a fuzz target over files and folders, where there is no libFuzzer.   fuzz_NAME PATH... */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUT_BYTES_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static unsigned inputs;

static int run_file(const char *path) {
    static uint8_t buf[INPUT_BYTES_MAX];
    FILE *file = fopen(path, "rb");

    if (file == NULL)
        return -1;
    size_t bytes = fread(buf, 1, sizeof buf, file);
    fclose(file);
    uint8_t *exact = malloc(bytes > 0 ? bytes : 1); /* so that a sanitizer sees a look beyond it */
    if (exact == NULL)
        return -1;
    memcpy(exact, buf, bytes);
    LLVMFuzzerTestOneInput(exact, bytes);
    free(exact);
    inputs++;
    return 0;
}

static int run_path(const char *path) {
    DIR *folder = opendir(path);
    struct dirent *entry;
    char inner[4096];
    int rc = 0;

    if (folder == NULL)
        return run_file(path);
    while (rc == 0 && (entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        rc = run_file(inner);
    }
    closedir(folder);
    return rc;
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        if (run_path(argv[i]) < 0) {
            fprintf(stderr, "%s: %s cannot be read\n", argv[0], argv[i]);
            return 1;
        }
    printf("%u inputs\n", inputs);
    return 0;
}
