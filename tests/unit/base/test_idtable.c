/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Ids from first to last, sparse, set and unset; and the growing array below it. */
#include "base/idtable.h"

#include <criterion/criterion.h>

Test(idtable, sparse_ids)
{
	static const uint32_t ids[] = { 0, 1, 1023, 1024, 1025, 4194303, 2097152, 99999 };
	struct idtable *table = idtable_new();
	int values[8];

	for (unsigned int i = 0; i < 8; i++)
		cr_assert_null(idtable_get(table, ids[i]));
	for (unsigned int i = 0; i < 8; i++)
		idtable_set(table, ids[i], &values[i]);
	for (unsigned int i = 0; i < 8; i++)
		cr_assert_eq(idtable_get(table, ids[i]), &values[i]);
	cr_assert_null(idtable_get(table, 2));
	cr_assert_null(idtable_get(table, 4194302));
	idtable_set(table, 1024, NULL);
	cr_assert_null(idtable_get(table, 1024));
	cr_assert_eq(idtable_get(table, 1025), &values[4]);
	idtable_set(table, 1025, &values[0]);
	cr_assert_eq(idtable_get(table, 1025), &values[0]);
	idtable_free(table);
	idtable_free(NULL);
}

Test(xgrow, keeps_what_was_and_zeroes_what_is_new)
{
	size_t capacity = 0, had = 0;
	uint32_t *array = NULL;

	for (size_t wanted = 1; wanted < 5000; wanted += 37) {
		array = xgrow(array, &capacity, wanted, sizeof(*array));
		cr_assert_geq(capacity, wanted);
		for (size_t i = 0; i < had; i++)
			cr_assert_eq(array[i], i + 1);
		for (size_t i = had; i < capacity; i++)
			cr_assert_eq(array[i], 0);
		for (; had < capacity; had++)
			array[had] = (uint32_t)had + 1;
	}
	free(array);
}
