// The header is C++ too: same names, C linkage.
#include "keybed.h"
#include "keybed.h"

int main() {
    static_assert(KEYBED_OK == 0 && KEYBED_ABSENT == 1, "statuses");
    return keybed_abi_version() == KEYBED_ABI_VERSION ? 0 : 1;
}
