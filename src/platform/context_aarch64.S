/* SPDX-License-Identifier: MIT */
/* context_aarch64.S: AAPCS64, callee-saved registers x19..x30 and the low halves of v8..v15. */
#if defined(__aarch64__)
    .text
    .globl weir__context_switch_raw
    .hidden weir__context_switch_raw
    .type weir__context_switch_raw, %function
    .balign 16
weir__context_switch_raw:
    .cfi_startproc
    hint #34 /* bti c */
    sub sp, sp, #160
    .cfi_def_cfa_offset 160
    stp x19, x20, [sp, #0]
    stp x21, x22, [sp, #16]
    stp x23, x24, [sp, #32]
    stp x25, x26, [sp, #48]
    stp x27, x28, [sp, #64]
    stp x29, x30, [sp, #80]
    stp d8, d9, [sp, #96]
    stp d10, d11, [sp, #112]
    stp d12, d13, [sp, #128]
    stp d14, d15, [sp, #144]
    .cfi_offset 19, -160
    .cfi_offset 20, -152
    .cfi_offset 21, -144
    .cfi_offset 22, -136
    .cfi_offset 23, -128
    .cfi_offset 24, -120
    .cfi_offset 25, -112
    .cfi_offset 26, -104
    .cfi_offset 27, -96
    .cfi_offset 28, -88
    .cfi_offset 29, -80
    .cfi_offset 30, -72
    mov x9, sp
    str x9, [x0]
    mov sp, x1
    ldp x19, x20, [sp, #0]
    ldp x21, x22, [sp, #16]
    ldp x23, x24, [sp, #32]
    ldp x25, x26, [sp, #48]
    ldp x27, x28, [sp, #64]
    ldp x29, x30, [sp, #80]
    ldp d8, d9, [sp, #96]
    ldp d10, d11, [sp, #112]
    ldp d12, d13, [sp, #128]
    ldp d14, d15, [sp, #144]
    add sp, sp, #160
    .cfi_def_cfa_offset 0
    ret /* the predictor of returns stays in step */
    .cfi_endproc
    .size weir__context_switch_raw, . - weir__context_switch_raw

    .globl weir__context_entry
    .hidden weir__context_entry
    .type weir__context_entry, %function
    .balign 16
weir__context_entry:
    .cfi_startproc
    .cfi_undefined x30
    hint #34 /* bti c */
    mov x0, x19
    blr x20
    brk #1
    .cfi_endproc
    .size weir__context_entry, . - weir__context_entry
#endif

    .section .note.GNU-stack, "", %progbits
