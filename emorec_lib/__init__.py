"""emorec: emoticons of a similar style that show the emotion of a message.

The modules are flat and arrows run downward: notebooks -> recommend -> (gram, clip, neighbours, kobert) ->
(catalogue, dialogue) -> (fetch, run). Heavy libraries are imported by the module that uses them only.
"""
