/* The header may be included twice, alone, and needs nothing before it. */
#include "keybed.h"
#include "keybed.h"

int main(void) {
    keybed_slice_t slice = {0, 0};
    return (int)slice.len;
}
