// The program of the link-alone law: what matters is whether the room's archive links to it.
int main() {}
