#include "store/tensor_file.h"
