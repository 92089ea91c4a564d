/* SPDX-License-Identifier: MIT */
/* context_x86_64.S: System V ABI, callee-saved registers. The frame is the same on the stack that is left and on the one
 * that is taken up, so the CFI holds throughout, and gdb and perf unwind a parked task from its saved stack pointer.
 * The end is an indirect jump: a `ret` would always be mispredicted, its predictor remembers the other stack's calls. */
#if defined(__x86_64__)
    .text
    .globl weir__context_switch_raw
    .hidden weir__context_switch_raw
    .type weir__context_switch_raw, @function
    .balign 16
weir__context_switch_raw:
    .cfi_startproc
    endbr64
    pushq %rbp
    .cfi_def_cfa_offset 16
    .cfi_offset %rbp, -16
    pushq %rbx
    .cfi_def_cfa_offset 24
    .cfi_offset %rbx, -24
    pushq %r12
    .cfi_def_cfa_offset 32
    .cfi_offset %r12, -32
    pushq %r13
    .cfi_def_cfa_offset 40
    .cfi_offset %r13, -40
    pushq %r14
    .cfi_def_cfa_offset 48
    .cfi_offset %r14, -48
    pushq %r15
    .cfi_def_cfa_offset 56
    .cfi_offset %r15, -56
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    .cfi_def_cfa_offset 48
    .cfi_restore %r15
    popq %r14
    .cfi_def_cfa_offset 40
    .cfi_restore %r14
    popq %r13
    .cfi_def_cfa_offset 32
    .cfi_restore %r13
    popq %r12
    .cfi_def_cfa_offset 24
    .cfi_restore %r12
    popq %rbx
    .cfi_def_cfa_offset 16
    .cfi_restore %rbx
    popq %rbp
    .cfi_def_cfa_offset 8
    .cfi_restore %rbp
    popq %rcx
    .cfi_def_cfa_offset 0
    .cfi_register %rip, %rcx
    notrack jmp *%rcx
    .cfi_endproc
    .size weir__context_switch_raw, . - weir__context_switch_raw

    .globl weir__context_entry
    .hidden weir__context_entry
    .type weir__context_entry, @function
    .balign 16
weir__context_entry:
    .cfi_startproc
    .cfi_undefined %rip
    endbr64
    movq %rbx, %rdi
    call *%r12
    ud2
    .cfi_endproc
    .size weir__context_entry, . - weir__context_entry

/* Indirect branch tracking holds; a shadow stack does not, and is not claimed. */
    .section .note.gnu.property, "a"
    .balign 8
    .long 4, 16, 5
    .asciz "GNU"
    .long 0xc0000002, 4, 1, 0
#endif

    .section .note.GNU-stack, "", %progbits
