"""The acts that `bench.acts` chooses from. Those that occur more often come first."""

from bench import details, moves
from bench.machine import Machine

CHANGES = [Machine.add] * 6 + [Machine.tick] * 5 + [Machine.rename] * 3
CHANGES += [Machine.delete] * 2 + [Machine.set_priority] * 2 + [Machine.undo] * 4
CHANGES += [Machine.complete_all]
CHANGES += [details.type_and_close, details.type_and_save, details.type_and_stay]
CHANGES += [details.save, details.take_up_draft] * 2
CHANGES += [moves.drag, moves.move_by_key, moves.change_several] * 2
CHANGES += [moves.drag_to_list]
AROUND = [
    Machine.reload,
    Machine.follow_link,
    Machine.open_or_close_tab,
]
AROUND += [Machine.go_away] * 2 + [Machine.open_offline_page] * 5
AROUND += [Machine.come_back] * 3 + [Machine.sign_out_and_in, Machine.type_and_leave]
ACTS = CHANGES + AROUND
