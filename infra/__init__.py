"""The Pulumi program: what one owner's account holds. `__main__` reads like the flow; each module makes one part."""
