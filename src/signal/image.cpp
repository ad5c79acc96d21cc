#include "signal/image.h"
