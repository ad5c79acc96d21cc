#include "ie/document.h"
