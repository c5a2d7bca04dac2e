#ifndef PARLEY_CONSOLE_PAGE_H
#define PARLEY_CONSOLE_PAGE_H

/// One file of the console's page, as it is in Sources/ParleyConsole/Page.
struct console_file {
    const char *name;
    const unsigned char *bytes;
    long count;
};

int console_file_count(void);

/// @param index from 0, less than ``console_file_count``.
const struct console_file *console_file_at(int index);

#endif
