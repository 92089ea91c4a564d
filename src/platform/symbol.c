/* SPDX-License-Identifier: MIT */
/* symbol.c: code address to function, by way of the ELF file that the loader mapped there.
 * Invariant: the file may have been replaced or cut since it was loaded, so no offset in it is followed unchecked. */
#include "platform/symbol.h"

#include "base/text.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/** A file in memory, to be read with file_part alone. */
struct file {
    const char *start;
    size_t bytes;
};

static bool file_map(const char *path, struct file *ret_file) {
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return false;
    void *start = MAP_FAILED;
    if (fstat(fd, &status) == 0 && status.st_size > 0)
        start = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (start == MAP_FAILED)
        return false;
    *ret_file = (struct file){start, (size_t)status.st_size};
    return true;
}

/** `count` records of `bytes` each at `offset`; NULL where the file does not hold them, or not aligned. */
static const void *file_part(const struct file *file, uint64_t offset, uint64_t count, size_t bytes) {
    if (offset > file->bytes || count > (file->bytes - offset) / bytes || (bytes > 1 && offset % 8 != 0))
        return NULL;
    return file->start + offset;
}

/** The section headers of an ELF file of this machine's class. */
static const Elf64_Shdr *file_sections(const struct file *file, size_t *ret_count) {
    const Elf64_Ehdr *header = file_part(file, 0, 1, sizeof *header);

    if (header == NULL || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_shentsize != sizeof(Elf64_Shdr))
        return NULL;
    *ret_count = header->e_shnum;
    return file_part(file, header->e_shoff, header->e_shnum, sizeof(Elf64_Shdr));
}

/** The function in one symbol table that `address` (as linked) lies in. */
static const Elf64_Sym *table_find(const struct file *file, const Elf64_Shdr *table, uint64_t address) {
    uint64_t count = table->sh_size / sizeof(Elf64_Sym);
    const Elf64_Sym *symbol = file_part(file, table->sh_offset, count, sizeof *symbol);

    if (symbol == NULL)
        return NULL;
    for (; count > 0; count--, symbol++) {
        bool is_function = ELF64_ST_TYPE(symbol->st_info) == STT_FUNC && symbol->st_shndx != SHN_UNDEF;
        if (is_function && address >= symbol->st_value && address - symbol->st_value < symbol->st_size)
            return symbol;
    }
    return NULL;
}

/** A name in the string table that belongs to a symbol table; copied, cut. */
static void copy_name(const struct file *file, const Elf64_Shdr *strings, size_t name, char *buf, size_t buf_bytes) {
    const char *text = file_part(file, strings->sh_offset, strings->sh_size, 1);
    struct weir__text copy;

    weir__text_init(&copy, buf, buf_bytes);
    if (text != NULL && name < strings->sh_size && memchr(text + name, '\0', strings->sh_size - name) != NULL)
        weir__text_add(&copy, text + name);
}

static void search_tables(const struct file *file, uint32_t type, uint64_t address, struct weir__symbol *symbol) {
    size_t count = 0;
    const Elf64_Shdr *sections = file_sections(file, &count);

    for (size_t i = 0; sections != NULL && i < count && symbol->function[0] == '\0'; i++) {
        if (sections[i].sh_type != type || sections[i].sh_link >= count)
            continue;
        const Elf64_Sym *found = table_find(file, &sections[i], address);
        if (found == NULL)
            continue;
        copy_name(file, &sections[sections[i].sh_link], found->st_name, symbol->function, sizeof symbol->function);
        symbol->function_offset = address - found->st_value;
    }
}

/** @param loaded_from  as the loader has it: empty for the program itself */
static void name_module(const char *loaded_from, struct weir__symbol *symbol) {
    struct weir__text path;

    weir__text_init(&path, symbol->module, sizeof symbol->module);
    weir__text_add(&path, loaded_from);
    if (path.bytes > 0)
        return;
    ssize_t bytes = readlink("/proc/self/exe", symbol->module, sizeof symbol->module - 1);
    symbol->module[bytes > 0 ? bytes : 0] = '\0';
}

void weir__symbol_find(const void *code, struct weir__symbol *ret_symbol) {
    struct dl_find_object object;
    struct file file;

    *ret_symbol = (struct weir__symbol){.module_offset = (uintptr_t)code};
    /* Unlike dladdr and dl_iterate_phdr, takes no lock. */
    if (_dl_find_object((void *)(uintptr_t)code, &object) != 0)
        return;

    name_module(object.dlfo_link_map->l_name, ret_symbol);
    ret_symbol->module_offset = (uintptr_t)code - object.dlfo_link_map->l_addr;

    /* The link leads to the program that runs, even when another has its name by now. */
    const char *loaded_from = object.dlfo_link_map->l_name;
    if (!file_map(loaded_from[0] != '\0' ? loaded_from : "/proc/self/exe", &file))
        return;
    search_tables(&file, SHT_SYMTAB, ret_symbol->module_offset, ret_symbol);
    if (ret_symbol->function[0] == '\0')
        search_tables(&file, SHT_DYNSYM, ret_symbol->module_offset, ret_symbol);
    munmap((void *)(uintptr_t)file.start, file.bytes);
}

void weir__symbol_describe(const void *code, char *buf, size_t buf_bytes) {
    struct weir__symbol symbol;
    struct weir__text text;

    weir__symbol_find(code, &symbol);
    const char *slash = strrchr(symbol.module, '/');
    const char *module = slash != NULL ? slash + 1 : symbol.module;
    weir__text_init(&text, buf, buf_bytes);
    if (symbol.function[0] != '\0') {
        weir__text_add(&text, symbol.function);
        weir__text_add(&text, "+");
        weir__text_add_hex(&text, symbol.function_offset);
        weir__text_add(&text, " (");
    }
    if (module[0] != '\0') {
        weir__text_add(&text, module);
        weir__text_add(&text, "+");
    }
    weir__text_add_hex(&text, symbol.module_offset);
    if (symbol.function[0] != '\0')
        weir__text_add(&text, ")");
}
