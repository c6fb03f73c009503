/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a binary's DWARF. Goes out: offsets of the members that rota reads. What DWARF does not name, or names in a place that
 * cannot be, stays as the table has it. The work is bounded: a hostile file can waste a second, not more.
 */
#include "runtime/go_elf.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <string.h>

#define ENTRIES_MAX 4000000U /* looked at in one file */
#define DEPTH_MAX   8U       /* of typedefs, and of structs in structs */

static const char *const structs[] = { "g", "m", "p", "schedt" };
#define STRUCTS (sizeof(structs) / sizeof(structs[0]))

static bool number_of(Dwarf_Die *die, unsigned int name, uint64_t *ret_number)
{
	Dwarf_Attribute attribute;
	Dwarf_Word word;

	if (!dwarf_attr(die, name, &attribute) || dwarf_formudata(&attribute, &word))
		return false;
	*ret_number = word;
	return true;
}

/* The type of a member, behind its typedefs. */
static bool type_of(Dwarf_Die *die, Dwarf_Die *ret_type)
{
	Dwarf_Attribute attribute;
	Dwarf_Die type = *die;

	for (unsigned int i = 0; i < DEPTH_MAX; i++) {
		if (!dwarf_attr(&type, DW_AT_type, &attribute) || !dwarf_formref_die(&attribute, ret_type))
			return false;
		if (dwarf_tag(ret_type) != DW_TAG_typedef)
			return true;
		type = *ret_type;
	}
	return false;
}

static bool find_member(Dwarf_Die *type, const char *name, size_t length, Dwarf_Die *ret_member)
{
	if (dwarf_child(type, ret_member))
		return false;
	do {
		const char *other = dwarf_diename(ret_member);

		if (dwarf_tag(ret_member) == DW_TAG_member && other && strlen(other) == length &&
		    !memcmp(other, name, length))
			return true;
	} while (!dwarf_siblingof(ret_member, ret_member));
	return false;
}

/* "stack.lo" in struct g: the sum of the members' places on the way. */
static bool offset_of(Dwarf_Die *structure, const char *path, uint64_t *ret_offset)
{
	Dwarf_Die type = *structure, member;
	uint64_t sum = 0, place;

	for (unsigned int depth = 0; depth < DEPTH_MAX; depth++) {
		size_t length = strcspn(path, ".");

		if (!find_member(&type, path, length, &member) ||
		    !number_of(&member, DW_AT_data_member_location, &place) || place >= GO_NO_OFFSET)
			return false;
		sum += place;
		path += length;
		if (!*path) {
			*ret_offset = sum;
			return sum < GO_NO_OFFSET;
		}
		path++;
		if (!type_of(&member, &type))
			return false;
	}
	return false;
}

static void take_struct(Dwarf_Die *structure, const char *name, struct go_layout *layout)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < go_member_count; i++) {
		const struct go_member *member = &go_members[i];
		uint64_t value;

		if (strncmp(member->path, name, length) != 0)
			continue;
		if (!member->path[length]) {
			if (number_of(structure, DW_AT_byte_size, &value) && value && value < GO_NO_OFFSET)
				*go_layout_member(layout, member) = (uint16_t)value;
		} else if (member->path[length] == '.') {
			bool found = offset_of(structure, member->path + length + 1, &value);

			*go_layout_member(layout, member) = found ? (uint16_t)value : GO_NO_OFFSET;
		}
	}
}

static bool is_struct(Dwarf_Die *die, const char *name)
{
	const char *other = dwarf_tag(die) == DW_TAG_structure_type ? dwarf_diename(die) : NULL;

	return other && !strncmp(other, "runtime.", 8) && !strcmp(other + 8, name);
}

bool go_image_dwarf(struct go_image *image, struct go_layout *layout)
{
	Dwarf *dwarf = dwarf_begin_elf(image->elf, DWARF_C_READ, NULL);
	Dwarf_Off at = 0, next;
	size_t header_size, entries = 0;
	unsigned int found = 0;

	while (dwarf && found != (1U << STRUCTS) - 1 &&
	       !dwarf_nextcu(dwarf, at, &next, &header_size, NULL, NULL, NULL)) {
		Dwarf_Die unit, die;

		if (dwarf_offdie(dwarf, at + header_size, &unit) && !dwarf_child(&unit, &die)) {
			do {
				for (unsigned int i = 0; i < STRUCTS; i++) {
					if ((found & 1U << i) || !is_struct(&die, structs[i]))
						continue;
					take_struct(&die, structs[i], layout);
					found |= 1U << i;
				}
			} while (++entries < ENTRIES_MAX && !dwarf_siblingof(&die, &die));
		}
		if (next <= at || entries >= ENTRIES_MAX)
			break;
		at = next;
	}
	dwarf_end(dwarf);
	return found == (1U << STRUCTS) - 1;
}
