/** Replaces children of a node by any number of others that may stand in their place. */

interface Parent {
  children: unknown[]
}

/** `replace` gives null for a child that stays. */
export function replaceChildren<P extends Parent>(parent: P, replace: (child: P['children'][number]) => readonly unknown[] | null): void {
  parent.children = parent.children.flatMap((child) => replace(child) ?? [child])
}
