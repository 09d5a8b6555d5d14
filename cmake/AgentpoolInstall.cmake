# What `cmake --install` leaves: headers, archives, the program, and two ways to find them.
