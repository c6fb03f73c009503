/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: an open file. Goes out: what it says of itself: ELF headers, symbols, build information (debug/buildinfo in Go's
 * own library reads the same). The file is mapped privately; whoever truncates it while it is read gets rota a SIGBUS: so it is
 * copied where it is small, and a running executable cannot be written to (ETXTBSY) nor truncated.
 */
#include "runtime/go_elf.h"
#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUILDINFO_MAGIC      "\xff Go buildinf:"
#define BUILDINFO_MAGIC_SIZE 14U
#define BUILDINFO_ALIGN      16U
#define BUILDINFO_SIZE       32U
#define FILE_SIZE_MAX        (4ULL << 30)
#define SETTINGS_MAX         (64U << 10) /* of the module information that is searched for CGO_ENABLED */

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#else
#define MACHINE EM_NONE
#endif

const uint8_t *go_elf_at(const struct go_image *image, uint64_t address, size_t *ret_left)
{
	for (size_t i = 0; i < image->segment_count; i++) {
		const struct go_segment *segment = &image->segments[i];

		if (address < segment->address || address - segment->address >= segment->file_size)
			continue;
		*ret_left = segment->file_size - (address - segment->address);
		return image->bytes + segment->offset + (address - segment->address);
	}
	return NULL;
}

bool go_image_bytes(const struct go_image *image, uint64_t address, void *bytes, size_t size)
{
	size_t left = 0;
	const uint8_t *at = go_elf_at(image, address, &left);

	if (!at || left < size)
		return false;
	memcpy(bytes, at, size);
	return true;
}

/* --- ELF ----------------------------------------------------------------------------------------------------------- */

static int read_segments(struct go_image *image, const GElf_Ehdr *header, char *why)
{
	size_t count = 0;

	if (elf_getphdrnum(image->elf, &count) || !count)
		return -ENOEXEC;
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr segment;

		if (!gelf_getphdr(image->elf, (int)i, &segment))
			return -ENOEXEC;
		if (segment.p_type == PT_TLS) {
			image->tls_address = segment.p_vaddr;
			image->tls_size = segment.p_memsz;
			image->tls_align = segment.p_align;
		}
		if (segment.p_type != PT_LOAD || image->segment_count == GO_SEGMENTS_MAX)
			continue;
		if (segment.p_offset > image->size || segment.p_filesz > image->size - segment.p_offset ||
		    segment.p_filesz > segment.p_memsz || segment.p_vaddr + segment.p_memsz < segment.p_vaddr) {
			snprintf(why, GO_IMAGE_WHY, "its program headers point outside of the file");
			return -EBADMSG;
		}
		image->segments[image->segment_count++] = (struct go_segment){ .address = segment.p_vaddr,
									       .memory_size = segment.p_memsz,
									       .offset = segment.p_offset,
									       .file_size = segment.p_filesz,
									       .write = segment.p_flags & PF_W,
									       .execute = segment.p_flags & PF_X };
	}
	image->pie = header->e_type == ET_DYN;
	return 0;
}

static void find_symbols(struct go_image *image)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(image->elf, section))) {
		GElf_Shdr header;

		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_SYMTAB ||
		    header.sh_entsize != sizeof(Elf64_Sym))
			continue;
		image->symbols = elf_getdata(section, NULL);
		image->symbol_names = header.sh_link;
		image->symbol_count = image->symbols ? image->symbols->d_size / sizeof(Elf64_Sym) : 0;
		return;
	}
}

uint64_t go_image_symbol(const struct go_image *image, const char *name)
{
	for (size_t i = 0; i < image->symbol_count; i++) {
		const char *other;
		GElf_Sym symbol;

		if (!gelf_getsym(image->symbols, (int)i, &symbol) || !symbol.st_value)
			continue;
		other = elf_strptr(image->elf, image->symbol_names, symbol.st_name);
		if (other && !strcmp(other, name))
			return symbol.st_value;
	}
	return 0;
}

/* --- build information ---------------------------------------------------------------------------------------------- */

static uint64_t varint(const uint8_t **at, const uint8_t *end)
{
	uint64_t value = 0;

	for (unsigned int shift = 0; *at < end && shift < 64; shift += 7) {
		uint8_t byte = *(*at)++;

		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
	*at = end;
	return UINT64_MAX;
}

static void set_version(struct go_image *image, const uint8_t *text, size_t length)
{
	size_t used = 0;

	while (used < length && used + 1 < sizeof(image->version) && text[used] > ' ' && text[used] < 0x7f)
		used++;
	memcpy(image->version, text, used);
	image->version[used] = 0;
}

/* Go 1.18 on: two strings, each behind its length, right here. The second one is the modules and settings. */
static bool inline_strings(struct go_image *image, const uint8_t *at, const uint8_t *end)
{
	uint64_t length = varint(&at, end);
	size_t settings;

	if (length > (size_t)(end - at))
		return false;
	set_version(image, at, length);
	at += length;
	length = varint(&at, end);
	if (length > (size_t)(end - at))
		return true;
	settings = length < SETTINGS_MAX ? length : SETTINGS_MAX;
	image->cgo = memmem(at, settings, "CGO_ENABLED=1", 13);
	return true;
}

/* Before 1.18: pointers to strings; what is needed of such old programs is their version. */
static bool pointed_strings(struct go_image *image, const uint8_t *info)
{
	uint64_t string[2];

	if (info[14] != 8 || info[15] & 1)
		return false; /* not of this machine */
	if (!go_image_bytes(image, go_get64(info + 16), string, sizeof(string)) || string[1] > 256)
		return false;
	size_t left = 0;
	const uint8_t *text = go_elf_at(image, string[0], &left);

	if (!text || left < string[1])
		return false;
	set_version(image, text, string[1]);
	return true;
}

static bool parse_buildinfo(struct go_image *image, const uint8_t *info, size_t size)
{
	if (size < BUILDINFO_SIZE || memcmp(info, BUILDINFO_MAGIC, BUILDINFO_MAGIC_SIZE) != 0)
		return false;
	if (info[15] & 2)
		return inline_strings(image, info + BUILDINFO_SIZE, info + size);
	return pointed_strings(image, info);
}

/* In its section; without one, at the beginning of the first writable segment that holds it (debug/buildinfo does so). */
static bool find_buildinfo(struct go_image *image)
{
	Elf_Scn *section = NULL;
	size_t names;

	while (!elf_getshdrstrndx(image->elf, &names) && (section = elf_nextscn(image->elf, section))) {
		GElf_Shdr header;
		const char *name;

		if (!gelf_getshdr(section, &header))
			continue;
		name = elf_strptr(image->elf, names, header.sh_name);
		if (name && !strcmp(name, ".go.buildinfo") && header.sh_offset <= image->size &&
		    header.sh_size <= image->size - header.sh_offset &&
		    parse_buildinfo(image, image->bytes + header.sh_offset, header.sh_size))
			return true;
	}
	for (size_t i = 0; i < image->segment_count; i++) {
		const struct go_segment *segment = &image->segments[i];
		const uint8_t *begin = image->bytes + segment->offset, *end = begin + segment->file_size, *at = begin;

		if (!segment->write || segment->execute)
			continue;
		while ((at = memmem(at, (size_t)(end - at), BUILDINFO_MAGIC, BUILDINFO_MAGIC_SIZE))) {
			if ((size_t)(at - begin) % BUILDINFO_ALIGN == 0 &&
			    parse_buildinfo(image, at, (size_t)(end - at)))
				return true;
			at++;
		}
	}
	return false;
}

/* "go1.24.4" and the like, and nothing else. */
static bool is_version(const uint8_t *text, size_t length)
{
	if (length < 5 || length >= GO_IMAGE_VERSION || memcmp(text, "go1.", 4) != 0)
		return false;
	for (size_t i = 4; i < length; i++)
		if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'z') || text[i] == '.' ||
		      text[i] == '-' || text[i] == '+'))
			return false;
	return text[4] >= '1' && text[4] <= '9';
}

/*
 * Some are linked without build information, but each has runtime.buildVersion: a string, that is a pointer and a length, in its
 * writable data. False where there is none such, or where there are different ones.
 */
static bool find_build_version(struct go_image *image)
{
	for (size_t i = 0; i < image->segment_count; i++) {
		const struct go_segment *segment = &image->segments[i];
		const uint8_t *data = image->bytes ? image->bytes + segment->offset : NULL;

		for (uint64_t at = -segment->address & 7; data && segment->write && at + 16 <= segment->file_size;
		     at += 8) {
			uint64_t length = go_get64(data + at + 8);
			const uint8_t *text;
			size_t left = 0;

			if (length < 5 || length >= GO_IMAGE_VERSION)
				continue;
			text = go_elf_at(image, go_get64(data + at), &left);
			if (!text || left < length || !is_version(text, length))
				continue;
			if (image->version[0] &&
			    (strlen(image->version) != length || memcmp(image->version, text, length) != 0)) {
				image->version[0] = 0;
				return false;
			}
			memcpy(image->version, text, length);
			image->version[length] = 0;
		}
	}
	return image->version[0];
}

/* --- the image ------------------------------------------------------------------------------------------------------ */

static int read_image(struct go_image *image, char *why)
{
	GElf_Ehdr header;
	int err;

	if (elf_kind(image->elf) != ELF_K_ELF || !gelf_getehdr(image->elf, &header) || header.e_machine != MACHINE ||
	    gelf_getclass(image->elf) != ELFCLASS64 || (header.e_type != ET_EXEC && header.e_type != ET_DYN))
		return -ENOEXEC;
	err = read_segments(image, &header, why);
	if (err)
		return err;
	find_symbols(image);
	if (find_buildinfo(image)) {
		go_functions_find(image);
	} else {
		image->version[0] = 0;
		go_functions_find(image);
		if (!image->functions.address)
			return -ENOEXEC;
		find_build_version(image);
	}
	if (!image->version[0]) {
		snprintf(why, GO_IMAGE_WHY, "by which Go it was made cannot be told");
		return -EBADMSG;
	}
	return 0;
}

int go_image_open(int fd, struct go_image **ret_image, char why[GO_IMAGE_WHY])
{
	struct go_image *image;
	struct stat status;
	void *bytes;
	int err;

	why[0] = 0;
	if (fstat(fd, &status))
		return -errno;
	if (!S_ISREG(status.st_mode) || status.st_size < (off_t)sizeof(Elf64_Ehdr) ||
	    (uint64_t)status.st_size > FILE_SIZE_MAX)
		return -ENOEXEC;
	bytes = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return -errno;
	image = xcalloc(1, sizeof(*image));
	image->bytes = bytes;
	image->size = (size_t)status.st_size;
	elf_version(EV_CURRENT);
	image->elf = elf_memory(bytes, image->size);
	err = image->elf ? read_image(image, why) : -ENOEXEC;
	if (err) {
		go_image_free(image);
		return err;
	}
	*ret_image = image;
	return 0;
}

void go_image_free(struct go_image *image)
{
	if (!image)
		return;
	elf_end(image->elf);
	munmap((void *)image->bytes, image->size);
	free(image);
}

/* Whether only Go's linker makes a section of this name. */
static bool is_gos(const char *name)
{
	static const char *const names[] = { ".go.buildinfo", ".gopclntab", ".data.rel.ro.gopcl", ".note.go.buildid" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strncmp(name, names[i], strlen(names[i])))
			return true;
	return false;
}

/* An ELF file with such a section, or (stripped of sections) anything else that is ELF: then it takes a real look. */
bool go_image_likely(int fd)
{
	Elf64_Ehdr header;
	Elf64_Shdr names, section;
	char name[24] = "";

	if (pread(fd, &header, sizeof(header), 0) != sizeof(header) || memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
	    header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != MACHINE)
		return false;
	if (!header.e_shoff || header.e_shentsize != sizeof(section) || header.e_shstrndx >= header.e_shnum)
		return true;
	if (pread(fd, &names, sizeof(names), (off_t)(header.e_shoff + header.e_shstrndx * sizeof(section))) !=
	    sizeof(names))
		return true;
	for (unsigned int i = 0; i < header.e_shnum; i++) {
		if (pread(fd, &section, sizeof(section), (off_t)(header.e_shoff + i * sizeof(section))) !=
		    sizeof(section))
			return true;
		if (pread(fd, name, sizeof(name) - 1, (off_t)(names.sh_offset + section.sh_name)) > 0 && is_gos(name))
			return true;
	}
	return false;
}

const char *go_image_version(const struct go_image *image)
{
	return image->version;
}

bool go_image_cgo(const struct go_image *image)
{
	return image->cgo;
}

bool go_image_pie(const struct go_image *image)
{
	return image->pie;
}

bool go_image_stripped(const struct go_image *image)
{
	return !image->symbol_count;
}

const struct go_segment *go_image_segments(const struct go_image *image, size_t *ret_count)
{
	*ret_count = image->segment_count;
	return image->segments;
}
