/* SPDX-License-Identifier: MIT */
/* context_x86_64.S: where a new context begins: fn in rbp, its argument in rbx. Nothing lies above this frame. */
#if defined(__x86_64__)
    .text
    .globl weir__context_entry
    .hidden weir__context_entry
    .type weir__context_entry, @function
    .balign 16
weir__context_entry:
    .cfi_startproc
    .cfi_undefined %rip
    endbr64
    movq %rbx, %rdi
    movq %rbp, %rax
    xorl %ebp, %ebp
    call *%rax
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
