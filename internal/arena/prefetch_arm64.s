#include "textflag.h"

// func PrefetchAddr(p unsafe.Pointer)
TEXT ·PrefetchAddr(SB), NOSPLIT|NOFRAME, $0-8
	MOVD p+0(FP), R0
	PRFM (R0), PLDL1KEEP
	RET
